"""What happened, or would happen, to objects and workloads: the words of every plan, report and metric."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from yardarm_reconciler.model.budget import Limits, Peak
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import NOWHERE, Diagnostic, Place


class Action(enum.StrEnum):
    """Completes the sentence *Deployment team/x …*."""

    CREATED = "created"
    CONFIGURED = "configured"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    DELETED = "deleted"
    ADOPTED = "adopted"
    SKIPPED = "skipped"
    HELD = "held"
    CONFLICT = "conflict"
    FAILED = "failed"


class Cause(enum.StrEnum):
    """Why an object differs from what we want."""

    GIT = "git"
    DRIFT = "drift"
    ADMISSION = "admission"
    UPGRADE = "upgrade"


class Sync(enum.StrEnum):
    """Does live equal desired? A failed read or dry-run is Unknown, never Synced."""

    SYNCED = "synced"
    OUT_OF_SYNC = "out-of-sync"
    HELD = "held"
    UNKNOWN = "unknown"


class State(enum.StrEnum):
    """Does it work? The words of health."""

    HEALTHY = "Healthy"
    SUCCEEDED = "Succeeded"
    PROGRESSING = "Progressing"
    SUSPENDED = "Suspended"
    DEGRADED = "Degraded"
    FAILED = "Failed"
    MISSING = "Missing"
    TERMINATING = "Terminating"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """A state with the reason that a person needs."""

    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an object that differs; values are redacted where they may be secret."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one object, or why nothing did.

    ``uid`` is that of the live object and ``digest`` that of what is wanted; both are empty where there is none.
    ``blamed`` are the fields of what is wanted that the cluster refused, as it names them, and ``rejected`` is the line
    which gave the first of them, where that is known.
    """

    key: Key
    action: Action
    cause: Cause | None = None
    reason: str = ""
    origin: Place = NOWHERE
    fields: tuple[FieldChange, ...] = ()
    uid: str = ""
    digest: str = ""
    blamed: tuple[str, ...] = ()
    rejected: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class WorkloadReport:
    """One workload after a pass: two axes that are never mixed, and why."""

    id: str
    sync: Sync
    health: Health
    reason: str = ""
    revision: str = ""
    origin: Place = NOWHERE
    since: datetime | None = None
    peak: Peak = field(default_factory=Peak)
    changes: tuple[Change, ...] = ()


REMINDERS = frozenset({"data", "stray", "turn"})
"""Guards that wait for nobody: what they name is harmless where it is, or comes by itself."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Something that waits for a person: what, why, and the digest that confirms exactly that set."""

    name: str
    reason: str
    ids: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Report:
    """What one pass over one unit did, found and left.

    ``advance`` is what a person can confirm so that a newer revision does not wait for windows and waves.
    """

    environment: str
    unit: str
    revision: str
    workloads: tuple[WorkloadReport, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    guards: tuple[Guard, ...] = ()
    limits: Limits | None = None
    error: str = ""
    seconds: float = 0.0
    notes: Mapping[str, str] = field(default_factory=dict)
    advance: Guard | None = None

    def count(self, action: Action) -> int:
        """How many objects that action happened to."""
        return sum(change.action is action for workload in self.workloads for change in workload.changes)
