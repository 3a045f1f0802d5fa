"""The screen of an examination: a line a fact, and for all that stands in the way what to do."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yardarm_reconciler.report.output import Json, document
from yardarm_reconciler.report.text import Look, count, screen


class Mark(enum.StrEnum):
    """Whether a fact stands in the way."""

    FINE = "fine"
    NOTE = "note"
    """Good to know; nothing has to be done."""
    WRONG = "wrong"


MARKS = {Mark.FINE: ("✓", "green"), Mark.NOTE: ("!", "yellow"), Mark.WRONG: ("✗", "red")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact. ``topic`` is what was looked at, in a word that stays the same; ``fix`` what to do, where there is something."""

    topic: str
    mark: Mark
    said: str
    fix: str = ""


Findings = Sequence[Finding]


def human(machine: Findings, environments: Mapping[str, Findings], look: Look) -> str:
    """What holds for this machine, then environment by environment, and the sum."""
    lines = [line for each in machine for line in _lines(each, 0, look)]
    for name, found in environments.items():
        lines += [
            look.paint("bold", look.say(name)),
            *(line for each in found for line in _lines(each, 2, look)),
        ]
    everything = [*machine, *(each for found in environments.values() for each in found)]
    wrong = sum(each.mark is Mark.WRONG for each in everything)
    of = f"{count(len(everything), 'fact')} looked at"
    total = f"{count(wrong, 'thing')} in the way, {of}" if wrong else f"nothing in the way, {of}"
    mark, colour = MARKS[Mark.WRONG if wrong else Mark.FINE]
    return screen([*lines, *look.indented(look.say(total), 2, f"{look.paint(colour, look.say(mark))} ")])


def concise(machine: Findings, environments: Mapping[str, Findings], look: Look) -> str:
    """One line a fact: environment or ``-``, topic, mark, what, how to fix it."""
    listed = [("-", each) for each in machine]
    listed += [(name, each) for name, found in environments.items() for each in found]
    return screen(
        [
            look.say(f"{name} {each.topic} {each.mark} {each.said}" + (f": {each.fix}" if each.fix else ""))
            for name, each in listed
        ]
    )


def json(machine: Findings, environments: Mapping[str, Findings], version: str, exit_code: int) -> str:
    """The same for programs."""
    listed = [
        {
            "name": name,
            "summary": {str(mark): sum(each.mark is mark for each in found) for mark in Mark},
            "workloads": [],
            "checks": [_json(each) for each in found],
        }
        for name, found in environments.items()
    ]
    checks = {"checks": [_json(each) for each in machine]}
    return document("Doctor", version, "", listed, (), exit_code, checks)


def _json(each: Finding) -> Json:
    return {"topic": each.topic, "mark": str(each.mark), "said": each.said, "fix": each.fix}


def _lines(each: Finding, depth: int, look: Look) -> list[str]:
    symbol, colour = MARKS[each.mark]
    first = f"{' ' * depth}{look.paint(colour, look.say(symbol))} "
    column = depth + 2 if not look.ascii else depth + 3
    fix = look.indented(look.say(each.fix), column + 2) if each.fix else []
    return [*look.indented(look.say(f"{each.topic}: {each.said}"), column, first), *fix]
