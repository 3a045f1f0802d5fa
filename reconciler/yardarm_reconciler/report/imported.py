"""The screen of an import: what each spec came from, what its patch says, and what is different, on purpose or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from yardarm_reconciler.model.imported import Import, Imported, Note
from yardarm_reconciler.report.text import Look, count, screen


def human(found: Import, look: Look) -> str:
    """A block for each spec, what no spec says, and the verdict."""
    lines = [line for each in found.specs for line in (*_spec(each, look), "")]
    if found.rest:
        lines += [look.say("no spec says"), *_each(found.rest, look), ""]
    return screen([*lines, *_verdict(found, look)])


def _spec(spec: Imported, look: Look) -> Iterator[str]:
    yield from look.fold(look.say(f"{spec.id} is made of {', '.join(spec.objects)}"), look.columns)
    for need in spec.needs:
        yield from look.indented(look.say(f"it needs {need}"), 4)
    if spec.patched:
        yield "  in patch"
        for note in spec.patched:
            yield from look.indented(look.say(f"{note.where} {note.path}"), 6, "    -")
    if spec.added:
        yield "  on purpose"
        yield from _together(spec.added, look)
    if spec.lost:
        yield look.paint("red", look.say("  not said"))
        yield from _each(spec.lost, look)


def _together(notes: Iterable[Note], look: Look) -> Iterator[str]:
    """One paragraph for each reason, with the first of its places, and the kinds of all objects that have more."""
    places: dict[str, list[Note]] = defaultdict(list)
    for note in notes:
        places[note.why].append(note)
    for why, found in places.items():
        said = f"{found[0].where} {found[0].path}".rstrip()
        if others := len(found) - 1:
            kinds = dict.fromkeys(note.where.partition("/")[0] for note in found)
            said = f"{said}, and {others} more ({', '.join(kinds)})"
        yield from look.indented(look.say(f"{why}: {said}"), 6, "    -")


def _each(notes: Iterable[Note], look: Look) -> Iterator[str]:
    for note in notes:
        value = f" = {note.value}" if note.value else ""
        said = f"{note.where} {note.path}{value}".rstrip()
        yield from look.indented(look.say(f"{said}: {note.why}"), 6, look.say("    ✗"))


def _verdict(found: Import, look: Look) -> list[str]:
    if not found.specs:
        return [look.paint("red", look.say("✗ nothing here makes pods of a kind that is known"))]
    made = count(len(found.specs), "spec")
    left = sum(len(each.lost) for each in found.specs) + len(found.rest)
    if found.proven:
        return [
            look.paint(
                "green", look.say(f"✓ {made}, rendered and compared: the same but for what is on purpose")
            )
        ]
    said = f"✗ {made}, rendered and compared: {count(left, 'difference')} not on purpose"
    return [look.paint("red", look.say(said))]
