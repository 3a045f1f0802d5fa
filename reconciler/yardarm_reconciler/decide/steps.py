"""The values of a decision: one step an object, one to-do a workload."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from yardarm_reconciler.decide.effective import Wanted
from yardarm_reconciler.inventory.records import Entry, Record, Run
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import Key, Manifest
from yardarm_reconciler.ports import Seen


class Verb(enum.StrEnum):
    """What to do with one object."""

    KEEP = "keep"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    """It cannot become what is wanted: it is deleted and made anew."""
    DELETE = "delete"
    RETAIN = "retain"
    """It holds data and is no longer wanted: it stays until a person confirms."""
    FORGET = "forget"
    """It is gone, or another workload's now: only the entry goes."""
    WAIT = "wait"
    """Nothing now; ``reason`` says what it waits for."""
    CONFLICT = "conflict"
    """Somebody else's object is in the way: adoption is an action of its own."""


WRITES = frozenset({Verb.CREATE, Verb.UPDATE, Verb.REPLACE, Verb.DELETE})
"""What is written to the cluster."""


@dataclass(frozen=True, slots=True)
class Step:
    """One object and what to do with it.

    ``entry`` is what the inventory knows, ``seen`` what lives, ``run`` the execution that the object is, if any.
    What is ``pending`` waits for a run of its own workload: until then that is not in its last good state.
    """

    verb: Verb
    key: Key
    manifest: Manifest | None = None
    entry: Entry | None = None
    seen: Seen | None = None
    cause: Cause | None = None
    reason: str = ""
    run: Run | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Todo:
    """All steps of one workload in the order of stages.

    ``wanted`` is None for a workload that git no longer has. ``record`` is what the inventory says of it, with
    the runs as they are now known to be. ``blocked`` says what the whole workload waits for.
    """

    id: str
    wanted: Wanted | None
    record: Record | None
    steps: tuple[Step, ...]
    blocked: str = ""

    @property
    def writes(self) -> bool:
        """Whether anything is to be written to the cluster."""
        return any(step.verb in WRITES for step in self.steps)

    @property
    def takes_over(self) -> bool:
        """Whether an object that it wants is listed as another workload's."""
        own = self.record.entries if self.record else {}
        listed = (step for step in self.steps if step.manifest and step.entry and not step.run)
        return any(step.key not in own for step in listed)
