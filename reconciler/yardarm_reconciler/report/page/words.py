"""Texts of the page: one line each, nothing invisible, never longer than a limit; states as words with a tone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from yardarm_reconciler.model.change import State, Sync
from yardarm_reconciler.report.status import COLOURS
from yardarm_reconciler.report.text import Look, ago, sanitise

TEXT = 300
"""Characters of a text in a row; a name in Kubernetes has at most 253."""

LONGEST = 400
"""Characters of an id in an address: that of no workload is longer, since names in Kubernetes have limits."""

LOOK = Look(columns=TEXT)

TONES = {"red": "bad", "yellow": "busy", "green": "good", "": "calm"}
"""Classes of the style sheet, by the colours that terminals have for the same."""

SYNC_COLOURS = {Sync.SYNCED: "green", Sync.OUT_OF_SYNC: "yellow", Sync.HELD: "red", Sync.UNKNOWN: "red"}


def say(text: str) -> str:
    """A text from anywhere as it may be shown; what is too long ends with a mark."""
    # Cut first: a text of megabytes need not be looked through. What is invisible then gets longer by escapes.
    said = sanitise(text[:TEXT])
    return said if max(len(text), len(said)) <= TEXT else f"{said[: TEXT - 1]}…"


def address(environment: str, workload: str = "") -> str:
    """The path of a page, of an environment or of a workload in it."""
    start = f"/e/{quote(environment[:LONGEST], safe='', errors='replace')}"
    return f"{start}/{quote(workload[:LONGEST], errors='replace')}" if workload else start


@dataclass(frozen=True, slots=True)
class Word:
    """A state: the word says it all, and the tone repeats it in colour."""

    word: str
    tone: str


def word(axis: Sync | State) -> Word:
    """The word of either axis."""
    colour = SYNC_COLOURS[axis] if isinstance(axis, Sync) else COLOURS.get(axis, "")
    return Word(str(axis), TONES[colour])


@dataclass(frozen=True, slots=True)
class Age:
    """For how long, and since when."""

    ago: str
    since: str


def age(since: datetime | None, now: datetime) -> Age | None:
    """None where nobody knows."""
    return Age(ago(now - since), since.isoformat(timespec="seconds")) if since else None


def team_of(workload_id: str) -> str:
    """``nlp`` for ``Service/nlp/qwen3-32b``, and for ``Team/nlp``."""
    return workload_id.split("/")[1]


def kind_of(workload_id: str) -> str:
    """``Service``; a team's own objects are of the kind Team."""
    return workload_id.partition("/")[0]
