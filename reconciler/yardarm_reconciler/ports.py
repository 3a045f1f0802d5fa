"""What the stages need from the outside world, in their own words: never HTTP, never git, never a path on disk.

Adapters (``source``, ``kube``, ``directory``) implement these; ``cli`` puts them together.
Every method may raise TransientError where the outside world does not answer in time; a read that could not
be completed raises, so that it can never look like a deletion.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from yardarm_reconciler.model.manifest import GroupKind, Key, Manifest

# Source ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """A file of a tree: ``path`` is relative to its root with ``/``, ``id`` names its bytes, ``size`` is in bytes.

    ``mode`` is git's: 100644, 100755, 120000 (symbolic link), 160000 (submodule).
    """

    path: str
    id: str
    size: int
    mode: str


class Tree(Protocol):
    """The files of one revision: a commit, or the working tree."""

    @property
    def revision(self) -> str:
        """Commit id in hex; for a working tree ``working-tree``."""

    def files(self) -> Sequence[File]:
        """Every file, sorted by path; complete, or TransientError."""

    def read(self, files: Iterable[File]) -> Mapping[str, bytes]:
        """Bytes by file id, of all that was asked for; complete, or TransientError."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of the config repository; ``id`` in full."""

    id: str


class Ancestry(enum.Enum):
    """Whether one commit continues another; Unknown where history does not reach back that far."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Source(Protocol):
    """Where revisions come from: a ref of a repository, elsewhere or on this machine."""

    def poll(self) -> Revision:
        """Give the revision that the ref names now, ready to be read.

        Raises:
            UserError: a person has to act (access, URL, ref); the last good revision stays in force.
            TransientError: it did not answer; the last good revision stays in force.
        """

    def tree(self, revision: str) -> Tree:
        """Give the files of a revision. Raises as :meth:`poll`."""

    def ancestry(self, old: str, new: str) -> Ancestry:
        """Tell whether ``new`` continues ``old``: a No is a rewritten history."""

    def deepen(self) -> None:
        """Fetch what is missing of the history, so that ancestry can be told; nothing where all is there.

        Raises:
            UserError: as :meth:`poll`.
            TransientError: as :meth:`poll`.
        """

    def between(self, old: str, new: str, most: int) -> Sequence[str]:
        """Give the commits of the main line from ``new`` back to ``old``, which is left out; at most so many.

        Empty where ``new`` does not continue ``old``, or history does not reach back that far.
        """

    def unsigned(self, revision: str) -> str:
        """Say why the signature of a revision does not count, or nothing where it does or none is asked for.

        Raises:
            TransientError: it could not be read.
        """


# Cluster -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """One live object, as far as we care.

    ``ours`` is true where our own Apply entry (or its equal) is on it. ``projection`` is the digest of the live
    values at the paths that we applied, with that set of paths: as long as it is what our last
    apply returned, nothing of ours has drifted. ``body`` is the object as canonical JSON without
    managed fields. ``writer`` is who else changed it last, but for its status; empty where that is not known.
    ``foreign`` is what people added to it by hand, in words: a path, and in parentheses who.
    """

    key: Key
    uid: str
    resource_version: str
    ours: bool
    projection: str
    deleting: bool
    body: bytes
    writer: str = ""
    foreign: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """What a complete read of a cluster showed: our labelled objects, and which of our kinds it serves.

    ``restored`` is true where the cluster was found to be older than it was seen before: it comes from a backup.
    ``signature`` is :meth:`Cluster.signature` where the cluster is watched, else empty.
    """

    live: Mapping[Key, Seen]
    served: frozenset[GroupKind]
    restored: bool = False
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The write was accepted (or would be, in a dry-run); ``seen`` is the object after it.

    After a deletion ``seen.deleting`` is true; where the object is gone at once, its body is empty.
    """

    seen: Seen


@dataclass(frozen=True, slots=True)
class Exists:
    """A create found an object of that name; nothing was written."""


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such object; an update wrote nothing."""


@dataclass(frozen=True, slots=True)
class OtherIncarnation:
    """An object of that name exists with another uid; nothing was written."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The cluster said no, for good reasons of its own; nothing was written.

    ``reason`` is a short word (``Invalid``, ``Forbidden``, ``NamespaceMissing``, ``NamespaceTerminating``,
    ``KindMissing``, ``UnknownField``, ``Immutable``, ``QuotaExceeded``,
    ``StaleFields``), ``message`` one safe sentence,
    ``fields`` the dotted paths that it blames, ``about`` the one that its words are about where it blames none.
    ``retryable`` tells what may pass by itself.
    """

    reason: str
    message: str
    fields: tuple[str, ...] = ()
    retryable: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Selection:
    """All objects of one kind with these labels and fields, in one namespace or, where that is empty, in all."""

    kind: GroupKind
    labels: tuple[tuple[str, str], ...] = ()
    namespace: str = ""
    fields: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A complete read of a selection: what is not in it was not there.

    ``version`` is the cluster's own as a whole at that moment, empty where it has none. ``again`` is true where what
    was read before was lost sight of: other things may have changed unseen, too.
    """

    selection: Selection
    seen: tuple[Seen, ...]
    version: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """An object of a selection is new, or is another than before."""

    selection: Selection
    seen: Seen


@dataclass(frozen=True, slots=True)
class Removed:
    """An object left a selection at that version of the cluster.

    Where nothing said that it was being ``deleting``, it may still be there, without the label.
    """

    selection: Selection
    key: Key
    uid: str
    version: str
    deleting: bool


@dataclass(frozen=True, slots=True)
class Unserved:
    """The cluster says that it does not serve a selection's kind (any more)."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class Restored:
    """The cluster is older than it was seen before: nothing that was known of it counts, all is read again."""


Event: TypeAlias = Listed | Changed | Removed | Unserved | Restored


class Cluster(Protocol):
    """An environment's cluster: a Kubernetes API server, or a directory of rendered manifests."""

    @property
    def reports_health(self) -> bool:
        """Whether live objects carry a status that can be judged; false for a directory."""

    def identity(self) -> str:
        """The cluster's immutable id (uid of kube-system)."""

    def served(self, kinds: Iterable[GroupKind]) -> frozenset[GroupKind]:
        """Those of ``kinds`` that the cluster serves now, from a fresh and complete discovery."""

    def signature(self) -> str:
        """What changes with the cluster's own behaviour: its version, and all that it serves."""

    def list(self, selection: Selection) -> Listed:
        """Every live object of a selection whose kind is served; complete, or TransientError."""

    def get(self, key: Key) -> Seen | None:
        """One object; None only where it does not exist."""

    def create(self, manifest: Manifest, *, dry_run: bool = False) -> Written | Exists | Refused:
        """Create, or learn that something of that name exists. Never changes what exists."""

    def update(
        self, manifest: Manifest, uid: str, *, dry_run: bool = False
    ) -> Written | Gone | OtherIncarnation | Refused:
        """Apply to the object with this uid and to no other. Never creates."""

    def take_over(self, key: Key, uid: str) -> Written | Gone | OtherIncarnation | Refused:
        """Make what people added to our object ours, so that the next update removes it. Changes nothing else.

        Where it answers ``StaleFields``, who owns what is said anew first, so that it can be updated at all.
        """

    def delete(self, key: Key, uid: str) -> Written | Gone | OtherIncarnation | Refused:
        """Ask for the deletion of the object with this uid; it may linger while it terminates."""


class Labels(Protocol):
    """Says of objects whose they are, where a cluster can hold those of several units."""

    def relabel(
        self, key: Key, uid: str, label: str, value: str
    ) -> Written | Gone | OtherIncarnation | Refused:
        """Set one label of the object with this uid. Changes nothing else."""


class Feeds(Protocol):
    """Keeps what is known of a cluster up to date, selection by selection."""

    @property
    def continuous(self) -> bool:
        """Whether every change is told by itself; where not, each :meth:`drain` reads everything again."""

    def follow(self, selections: AbstractSet[Selection]) -> None:
        """Follow exactly these from now on: those that are new are read, those that are left out no more."""

    def expect(self, selections: AbstractSet[Selection]) -> None:
        """Begin to read these, while there is something else to do: they will most likely be needed first."""

    def drain(self, needed: AbstractSet[Selection]) -> Sequence[Event]:
        """All that happened since the last time, once each of ``needed``, which are followed, was read completely.

        Raises:
            TransientError: one of them cannot be read now. What did happen is told the next time.
        """

    def close(self) -> None:
        """Follow nothing any more."""


# Inventory ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored record: its bytes and the version that a later write must name."""

    data: bytes
    version: str


class StoreConflictError(Exception):
    """The stored record is not at the version that the write named: somebody else wrote it."""


class InventoryStore(Protocol):
    """Where the inventory is kept: named records with optimistic locking. ``parent`` is the name of the first."""

    def read(self) -> Mapping[str, Stored]:
        """All records of the unit by name; empty where there are none yet."""

    def write(self, name: str, data: bytes, version: str | None) -> str:
        """Write durably; ``version`` None means that it must not exist yet. Returns the new version.

        Raises:
            StoreConflictError: it is not at that version; nothing was written.
        """

    def delete(self, name: str, version: str) -> None:
        """Delete a record at that version; no error where it is gone."""


class Clock(Protocol):
    """Time, passed in."""

    def now(self) -> datetime:
        """Aware wall-clock time, for people."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, for deadlines."""

    def sleep(self, seconds: float) -> None:
        """Wait."""
