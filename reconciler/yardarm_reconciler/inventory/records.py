"""The values of the inventory: one record a workload, one parent a unit."""

from __future__ import annotations

import base64
import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from yardarm_reconciler.model.budget import Peak
from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.origin import NOWHERE, Place

FORMAT = 1
"""Of parent and shards; a higher one was written by a newer Yardarm and is not touched."""

PART_OF = "applyset.kubernetes.io/part-of"
"""The label by which live objects are listed: an index, never a proof, since controllers copy labels."""


def part_of(unit: str) -> str:
    """The value of the label :data:`PART_OF` for a unit, in the form that ApplySets prescribe.

    The name in it is that of the inventory's parent without its namespace, so that moving the inventory
    moves no object. Form: https://kubernetes.io/docs/reference/labels-annotations-taints/
    """
    sha = hashlib.sha256(f"yardarm-{unit}..ConfigMap.".encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(sha).rstrip(b'=').decode()}-v1"


class EntryState(enum.StrEnum):
    """What we know of an object that we mean to own."""

    PENDING = "pending"
    """Written ahead: a create may have left, its answer is not known."""
    OWNED = "owned"
    RETAINED = "retained"
    """No longer wanted, holds data: stays until confirmed."""
    DELETING = "deleting"
    """A delete may have left; the entry goes when the object is gone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of ours. ``desired`` is the digest that was last applied, ``projection`` what came back."""

    key: Key
    state: EntryState
    uid: str = ""
    resource_version: str = ""
    desired: str = ""
    projection: str = ""


class RunState(enum.StrEnum):
    """The life of one run; the last four are ends, and a run that ended is never started again."""

    INTENDED = "intended"
    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def over(self) -> bool:
        """True for the ends."""
        return self not in {RunState.INTENDED, RunState.STARTED}


@dataclass(frozen=True, slots=True)
class Run:
    """One execution. ``uid`` is that of its object, empty while only intended; ``step`` as in its intent."""

    id: str
    key: Key
    state: RunState
    uid: str = ""
    started: str = ""
    ended: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """How one version of a workload, named by the digest of what was written in git, did here.

    ``since`` is the ISO time from which it has been healthy without a break, empty while it is not; ``soaked`` is the
    longest time in seconds that it was healthy before that.
    """

    intent: str
    since: str = ""
    soaked: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of one workload.

    ``last_good`` holds the canonical manifests that were last applied completely, as JSON bytes: a workload
    that is held is repaired from these and from nothing else. ``peak`` is what those take. ``proofs`` are of the
    versions that were applied completely, the present one last.
    """

    id: str
    revision: str = ""
    renderer: str = ""
    input_hash: str = ""
    origin: Place = NOWHERE
    entries: Mapping[Key, Entry] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()
    last_good: bytes = b""
    peak: Peak = field(default_factory=Peak)
    depends_on: tuple[str, ...] = ()
    proofs: tuple[Proof, ...] = ()

    @property
    def leaving(self) -> bool:
        """Whether its removal is under way or done, but for what is retained: nothing is left to guard or repair."""
        going = {EntryState.RETAINED, EntryState.DELETING}
        return not self.last_good and all(entry.state in going for entry in self.entries.values())

    @property
    def keys(self) -> tuple[Key, ...]:
        """The objects of its entries and of its runs, as far as they are remembered."""
        return (*self.entries, *(run.key for run in self.runs))

    @property
    def team(self) -> str:
        """The second part of the id: of ``Kind/team/name``, and of ``Team/name``."""
        return self.id.split("/")[1]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's yes to exactly one set of ids; ``expires`` is when it stops counting."""

    digest: str
    author: str
    expires: datetime
    ids: tuple[str, ...] = ()


UNIT = "*"
"""Among the names of what is suspended: the unit as a whole."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person told the unit: who, when, and why."""

    author: str
    at: datetime
    reason: str = ""

    def __str__(self) -> str:
        """Give ``ana on 2026-11-25 14:02 UTC: node repair``."""
        said = f"{self.author} on {self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return f"{said}: {self.reason}" if self.reason else said


@dataclass(frozen=True, slots=True)
class Turn:
    """Workloads that a version of this program may restart, and since when."""

    renderer: str
    at: datetime
    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pin:
    """The revision that a person has named, whatever the source says."""

    revision: str
    order: Order


@dataclass(frozen=True, slots=True)
class Parent:
    """What is true of the unit as a whole; its ``layout`` and ``shards`` say which shards count.

    ``mode`` is the last ``sync.mode`` that could be read: it holds while the Environment is invalid.
    ``waiting_runs`` are the runs that were found with no inventory: they wait for a confirmation. ``restored`` is when
    the cluster was found to come from a backup, and ``lost`` when the inventory was found to be gone, until that is
    confirmed.
    ``suspended`` are workloads, or :data:`UNIT`, ``rejected`` revisions that are not followed, ``reruns`` the uids of runs that
    a person wants once more.
    ``handed`` is the unit that each team was handed over to, ``receiving`` the one that each comes from: nothing of these
    teams is written here.
    ``history`` holds the revisions that were followed, the last one last: ``revision``, ``at``, and ``by`` where a person sent it.
    """

    unit: str
    cluster_uid: str
    epoch: int = 0
    layout: int = 1
    shards: int = 1
    revision: str = ""
    renderer: str = ""
    mode: str = "enforce"
    confirmations: tuple[Confirmation, ...] = ()
    waiting_runs: tuple[str, ...] = ()
    restored: str = ""
    lost: str = ""
    held: Mapping[str, str] = field(default_factory=dict)
    history: tuple[Mapping[str, Any], ...] = ()
    suspended: Mapping[str, Order] = field(default_factory=dict)
    rejected: Mapping[str, Order] = field(default_factory=dict)
    reruns: Mapping[str, Order] = field(default_factory=dict)
    pin: Pin | None = None
    handed: Mapping[str, str] = field(default_factory=dict)
    receiving: Mapping[str, str] = field(default_factory=dict)
    turn: Turn | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """A complete read of a unit's inventory; ``parent`` is None where there has never been one."""

    parent: Parent | None
    records: Mapping[str, Record]

    @property
    def kinds(self) -> frozenset[GroupKind]:
        """Every kind of which there is something in it, runs included."""
        records = self.records.values()
        entries = {key.group_kind for record in records for key in record.entries}
        return frozenset(entries | {run.key.group_kind for record in records for run in record.runs})
