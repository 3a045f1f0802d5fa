"""One object that differs: what would be done to it, and every field before and after."""

from __future__ import annotations

from collections.abc import Sequence

from yardarm_reconciler.model.change import Action, Cause, Change, FieldChange
from yardarm_reconciler.report.names import object_name
from yardarm_reconciler.report.text import NARROW, Look, width

SYMBOLS = {
    Action.CREATED: ("+", "green"),
    Action.CONFIGURED: ("~", "yellow"),
    Action.REPLACED: ("-/+", "red"),
    Action.DELETED: ("-", "red"),
    Action.ADOPTED: ("=", "yellow"),
}
PROBLEM = ("!", "red")

WIDEST_PATH = 60
"""Columns that the names of fields are lined up to; a longer name pushes its values to the right."""


def lines(change: Change, look: Look, names: str = "") -> list[str]:
    """A symbol, the object (or several that share the change, by ``names``), and the fields below it."""
    symbol, colour = SYMBOLS.get(change.action, PROBLEM)
    words = [names or object_name(change.key).replace("/", " ")]
    words += [str(change.action)] if change.action not in SYMBOLS else []
    words += [str(change.cause)] if change.cause not in {None, Cause.GIT} else []
    where = f" {change.rejected}" if change.rejected.path else ""
    said = look.say("  ".join(words) + (f": {change.reason}{where}" if change.reason else ""))
    first = f"  {look.paint(colour, look.say(symbol))} "
    return [*look.indented(said, width(first), first), *fields(change.fields, look)]


def fields(differing: Sequence[FieldChange], look: Look) -> list[str]:
    """A line a field, values lined up."""
    names = [look.say(shown(field.path)) for field in differing]
    column = min(max(map(width, names), default=0), WIDEST_PATH)
    return [
        line
        for name, field in zip(names, differing, strict=True)
        for line in _field(name, look.say(values(field)), column, look)
    ]


def _field(name: str, values: str, column: int, look: Look) -> list[str]:
    """Name and values side by side, or below one another where there is no room."""
    first = f"      {look.pad(name, column)}   "
    if width(first) + width(values) <= look.columns:
        return [first + values]
    if width(first) + min(width(values), NARROW) <= look.columns:
        return look.indented(values, width(first), first)
    return [f"      {name}", *look.indented(values, 8)]


def values(field: FieldChange) -> str:
    """``2 → 4``; with only one of both it was added or removed."""
    if field.before and field.after:
        return f"{field.before} → {field.after}"
    return f"+ {field.after}" if field.after else f"- {field.before}"


def shown(path: str) -> str:
    """The way to a field without the parts that every path has."""
    return path.removeprefix("spec.").replace("template.spec.", "template.", 1)
