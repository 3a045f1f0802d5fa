"""What a field is for: its forms, its default, the fields in it."""

from __future__ import annotations

from yardarm_reconciler.report.text import Look, screen, width
from yardarm_schema.field_help import FieldHelp, Member

LABEL = 10
"""Columns of the words at the left."""

MOST_NAME = 24
"""Columns that names of fields are lined up to."""


def human(found: FieldHelp, look: Look) -> str:
    """Name, sentence, and what may be written there."""
    lines = [look.paint("bold", look.say(found.name))]
    lines += look.indented(look.say(found.description), 2) if found.description else []
    lines.append("")
    for number, form in enumerate(found.forms):
        lines += _labelled("" if number else "forms" if len(found.forms) > 1 else "form", form, look)
    lines += _labelled("default", found.default, look) if found.default else []
    column = min(max((len(each.name) for each in found.members), default=0), MOST_NAME)
    for number, each in enumerate(found.members):
        lines += _member(each, column, "" if number else "fields", look)
    return screen(lines)


def _labelled(label: str, text: str, look: Look) -> list[str]:
    first = look.pad(f"  {label}", LABEL)
    return look.indented(look.say(text), LABEL, first)


def _member(each: Member, column: int, label: str, look: Look) -> list[str]:
    name = look.pad(look.say(each.name), column)
    first = f"{look.pad(f'  {label}', LABEL)}{name}  "
    must = " (required)" if each.required else ""
    return look.indented(look.say(f"{each.description}{must}".strip()), width(first), first)
