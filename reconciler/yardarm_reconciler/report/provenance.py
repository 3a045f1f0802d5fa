"""Where rendered values come from, line by line: the value, what it is made of, where that is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from yardarm_reconciler.model.provenance import Explained, Leaf, Provenance, Source
from yardarm_reconciler.report.names import object_name, workload_name
from yardarm_reconciler.report.output import Json, document, place
from yardarm_reconciler.report.text import Look, screen, width

SHOWN = 3
"""Sources of one value that a screen names; of more it says how many."""

GAP = "   "
OWN = "Yardarm's own"
"""What no value of any file changes."""

Row = tuple[str, str, str]


def chosen(provenance: Provenance, path: str) -> Provenance:
    """The values at a path or below it, in the objects that have any."""
    objects = (
        Explained(each.key, tuple(leaf for leaf in each.leaves if _is_at(leaf.path, path)))
        for each in provenance.objects
    )
    kept = tuple(each for each in objects if each.leaves)
    return Provenance(provenance.environment, provenance.workload, kept, provenance.untraced)


def _is_at(leaf: str, path: str) -> bool:
    rest = leaf.removeprefix(path)
    return not path or (leaf.startswith(path) and rest[:1] in {"", ".", "["})


def human(provenance: Provenance, path: str, look: Look) -> str:
    """Object by object; names are those below ``path``, which is shown once."""
    name = look.say(f"{provenance.environment}  {workload_name(provenance.workload)}")
    lines = [look.paint("bold", name)]
    for each in provenance.objects:
        head = " ".join(filter(None, [object_name(each.key).replace("/", " "), path]))
        lines += [look.say(head), *_rows([row for leaf in each.leaves for row in _leaf(leaf, path)], look)]
    if provenance.untraced:
        names = ", ".join(source.name for source in provenance.untraced)
        lines += look.indented(look.say(f"not traced, for no other value is valid there: {names}"), 2)
    return screen(lines)


def concise(provenance: Provenance) -> Iterator[str]:
    """One line a source: object, field, value, how it is a source, its name and value, its place."""
    for each in provenance.objects:
        for leaf in each.leaves:
            start = f"{each.key} {leaf.path} {leaf.value}"
            told = [("from", source) for source in leaf.sources] or [("because", s) for s in leaf.because]
            for word, source in told:
                yield f"{start} {word} {source.name} {source.value} {source.place}".rstrip()
            if not told:
                yield f"{start} own"


def _leaf(leaf: Leaf, path: str) -> Iterator[Row]:
    name = leaf.path.removeprefix(path).lstrip(".") or leaf.path
    said = f"{name}: {leaf.value}"
    for text, where in _told(leaf):
        yield said, text, where
        said = ""


def _told(leaf: Leaf) -> Iterator[tuple[str, str]]:
    """What a value is made of; else what it is there for; else that it is ours."""
    if not leaf.sources:
        why = leaf.because[:1]
        yield (f"because of {why[0].name}", str(why[0].place)) if why else (OWN, "")
        return
    for source in leaf.sources[:SHOWN]:
        yield f"{source.name} {source.value}".rstrip(), str(source.place)
    more = len(leaf.sources) - SHOWN
    if more > 0:
        yield f"and {more} more", ""


def _rows(rows: Sequence[Row], look: Look) -> list[str]:
    """Side by side where the screen is wide enough, else below one another."""
    said = [[look.say(cell) for cell in row] for row in rows]
    wide = [max(map(width, column)) for column in zip(*said, strict=True)]
    if 2 + sum(wide) + 2 * len(GAP) <= look.columns:
        return [("  " + GAP.join(map(look.pad, row, wide))).rstrip() for row in said]
    lines: list[str] = []
    for value, text, where in said:
        lines += [f"  {value}"] if value else []
        gap = look.columns - 6 - width(text) - width(where)
        lines += [f"      {text}{' ' * gap}{where}"] if gap > 1 and where else look.indented(text, 6)
        lines += [f"        {where}"] if gap <= 1 and where else []
    return lines


def json(provenance: Provenance, version: str, revision: str, exit_code: int) -> str:
    """The same for programs, with all sources."""
    environment: Json = {
        "name": provenance.environment,
        "summary": {"objects": len(provenance.objects)},
        "workloads": [{"id": provenance.workload, "objects": [_object(each) for each in provenance.objects]}],
        "untraced": [_source(each) for each in provenance.untraced],
    }
    return document("Explanation", version, revision, [environment], (), exit_code)


def _object(each: Explained) -> dict[str, Any]:
    key = each.key
    return {
        "object": {"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name},
        "fields": [
            {
                "path": leaf.path,
                "value": leaf.value,
                "sources": [_source(source) for source in leaf.sources],
                "because": [_source(source) for source in leaf.because],
            }
            for leaf in each.leaves
        ],
    }


def _source(source: Source) -> Json:
    return {"name": source.name, "value": source.value, "origin": place(source.place)}
