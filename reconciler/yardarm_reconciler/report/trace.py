"""The screen of a trace: an object, the workload that wrote it, the line of its spec, and the commit that last changed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.report.names import Commit, line_of, short
from yardarm_reconciler.report.text import Look, ago, screen


@dataclass(frozen=True, slots=True)
class Traced:
    """What is known of one object.

    Attributes:
        chain: the object that was asked for first, then its owners, up to one that a unit has written.
        environment: the unit's.
        workload: id of the workload that it belongs to.
        place: where its spec stands.
        revision: the commit that was last applied of it.
        changed: the commit that last changed the file of its spec, full id, and what it says; where that is known.
        state: how the unit's object is: in the inventory, and in the cluster.
        foreign: what people have added to it by hand, in words.
        writer: who else changed it last; empty where that is not known.
    """

    chain: tuple[Key, ...]
    environment: str
    workload: str
    place: Place
    revision: str
    changed: tuple[str, Commit] | None
    state: str
    foreign: tuple[str, ...] = ()
    writer: str = ""


def human(traced: Sequence[Traced], look: Look) -> str:
    """One block an object."""
    return "\n".join(screen(_block(each, look)) for each in traced)


def _block(traced: Traced, look: Look) -> list[str]:
    first, *owners = traced.chain
    kind, _, name = traced.workload.partition("/")
    lines = [look.say(_named(first))]
    lines += _row("owned by", [f"{owner.kind} {owner.name}" for owner in owners], look)
    lines += _row("workload", [f"{kind} {name}", line_of(traced.place)], look)
    if traced.changed:
        id_, commit = traced.changed
        said = f'{short(id_)} "{commit.subject}" ({commit.author}, {ago(commit.age)} ago)'
        lines += _row("changed", [said], look)
    lines += _row(
        "applied", [f"{traced.environment} @ {short(traced.revision)}"] if traced.revision else [], look
    )
    lines += _row("object", [traced.state, f"last written by {traced.writer}" if traced.writer else ""], look)
    return [*lines, *_row("by hand", traced.foreign, look)]


def _row(head: str, texts: Sequence[str], look: Look) -> list[str]:
    said = look.keep_indent(" · ".join(look.say(text) for text in texts if text))
    return look.indented(said, HEAD, f"  {head}") if said else []


HEAD = 12
"""Columns of what a line is about."""


def concise(traced: Sequence[Traced], look: Look) -> str:
    """One line an object: place, workload, object, commit that changed it."""
    return screen(
        [
            look.say(
                " ".join(
                    filter(
                        None,
                        [
                            line_of(each.place),
                            each.workload,
                            _named(each.chain[0]).replace(" ", "/", 1),
                            each.changed[0] if each.changed else "",
                        ],
                    )
                )
            )
            for each in traced
        ]
    )


def _named(key: Key) -> str:
    """``Deployment nlp-dev/api``."""
    return f"{key.kind} {key.namespace}/{key.name}" if key.namespace else f"{key.kind} {key.name}"
