"""The Cluster port over a directory: ``<namespace | _cluster>/<Kind>[.<group>]/<name>.yaml``.

A file that is missing or was edited is drift; a file that is not in our log of uids is somebody else's.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias
from uuid import UUID, uuid4, uuid5

import yaml

from yardarm_reconciler.directory import files
from yardarm_reconciler.directory.uids import Uids
from yardarm_reconciler.model.manifest import GroupKind, Key, Manifest, canonical, digest
from yardarm_reconciler.model.yaml_text import yaml_text
from yardarm_reconciler.ports import (
    Exists,
    Gone,
    Listed,
    OtherIncarnation,
    Refused,
    Seen,
    Selection,
    Written,
)

CLUSTER_SCOPED = "_cluster"
"""The folder of objects without a namespace; no namespace can have this name."""

_Content: TypeAlias = tuple[bytes, Mapping[str, str]] | None
"""Of a file: canonical bytes and labels; None where it is no object."""

_SUFFIX = ".yaml"
_FOREIGN = UUID("7d0a3d3e-6f0c-4c69-9a0e-5a9f1b7d2c11")
"""Namespace of the uids that foreign files are given: stable, because they are written nowhere."""


class DirectoryCluster:
    """An environment's cluster that is a directory of manifests. Methods may be called from many threads.

    Nothing is written, and nothing is made on disk, before :meth:`locked` is entered.
    """

    reports_health = False

    def __init__(self, root: Path) -> None:
        self._root = root
        self._state = root / files.STATE
        self._temporary = self._state / "tmp"
        self._uids = Uids(self._state / "uids.jsonl")
        self._writable = False
        self._lock = threading.Lock()
        self._underway: set[Key] = set()
        self._parsed: dict[Key, tuple[str, _Content]] = {}

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one writer of the directory, for the time of a pass.

        Raises:
            FencedError: another process is; the message names the lock.
        """
        with files.locked(self._state / "lock"):
            self._uids.load()
            self._discard_drafts()
            self._uids.settle(self._temporary)
            self._writable = True
            try:
                yield
            finally:
                self._writable = False

    def identity(self) -> str:
        """The directory's uid, made once when it is first written to."""
        return self._uids.cluster

    def served(self, kinds: Iterable[GroupKind]) -> frozenset[GroupKind]:
        """All of them: a directory takes any kind."""
        return frozenset(kinds)

    def signature(self) -> str:
        """Always the same: a directory does nothing by itself."""
        return "directory"

    def list(self, selection: Selection) -> Listed:
        """Every file of a kind whose content has these labels, and every file of ours that cannot be read."""
        return Listed(selection, tuple(self._chosen(selection)))

    def get(self, key: Key) -> Seen | None:
        """One object as its file says it now; None where there is no file."""
        return self._see(key, {})

    def create(self, manifest: Manifest, *, dry_run: bool = False) -> Written | Exists | Refused:
        """Write a new file; never touches one that is there, whoever made it."""
        key = manifest.key
        refused = self._refusal(manifest)
        if refused:
            return refused
        uid = str(uuid4())
        with self._reserved(key) as free:
            if not free or self._see(key, {}):
                return Exists()
            if not dry_run:
                self._write(manifest, uid)
        return Written(_after(manifest, uid))

    def update(
        self, manifest: Manifest, uid: str, *, dry_run: bool = False
    ) -> Written | Gone | OtherIncarnation | Refused:
        """Write a file anew where its content differs. A foreign file's uid given here makes it ours."""
        key = manifest.key
        refused = self._refusal(manifest)
        if refused:
            return refused
        seen = self._see(key, {})
        if seen is None:
            return Gone()
        if seen.uid != uid:
            return OtherIncarnation()
        after = _after(manifest, uid)
        if not dry_run and not (seen.ours and seen.body == after.body):
            self._write(manifest, uid)
        return Written(after)

    def take_over(self, key: Key, uid: str) -> Written | Gone | OtherIncarnation | Refused:
        """Give the file as it is: all of it is ours, and an update writes it anew."""
        seen = self._see(key, {})
        if seen is None:
            return Gone()
        return Written(seen) if seen.uid == uid else OtherIncarnation()

    def delete(self, key: Key, uid: str) -> Written | Gone | OtherIncarnation | Refused:
        """Remove a file."""
        self._require_lock()
        seen = self._see(key, {}) if self._lies_inside(key) else None
        if seen is None:
            return Gone()
        if seen.uid != uid:
            return OtherIncarnation()
        files.remove(self._path(key))
        self._uids.record(str(key), None)
        return Written(Seen(key, uid, "", seen.ours, "", deleting=True, body=b""))

    def _chosen(self, selection: Selection) -> Iterator[Seen]:
        kind, labels = selection.kind, dict(selection.labels)
        where = [selection.namespace] if selection.namespace else files.folders(self._root)
        for folder in where:
            if folder != CLUSTER_SCOPED and not files.is_safe(folder):
                continue
            scope = "" if folder == CLUSTER_SCOPED else folder
            path = self._root / folder / str(kind)
            if not files.is_plain_folder(path):
                continue
            for name in files.names(path, _SUFFIX):
                seen = self._see(Key(kind.group, kind.kind, scope, name), labels)
                if seen:
                    yield seen

    @contextlib.contextmanager
    def _reserved(self, key: Key) -> Iterator[bool]:
        """Yield true to one thread at a time, so that of two creates of one object one wins."""
        with self._lock:
            free = key not in self._underway
            self._underway.add(key)
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._underway.discard(key)

    def _write(self, manifest: Manifest, uid: str) -> None:
        self._require_lock()
        if self._uids.of(str(manifest.key)) != uid:
            self._uids.record(str(manifest.key), uid)
        files.write(self._path(manifest.key), yaml_text(manifest.body).encode(), self._temporary)

    def _see(self, key: Key, labels: Mapping[str, str]) -> Seen | None:
        if not _fits(key):
            return None
        data = files.read(self._path(key), files.LARGEST + 1)
        if data is None:
            self._parsed.pop(key, None)
            return None
        recorded = self._uids.of(str(key))
        uid = recorded or str(uuid5(_FOREIGN, f"{self.identity()} {key}"))
        content = self._content(key, data)
        if content is None:
            # Its labels cannot be known. Of ours it is drift, and must be seen to be repaired.
            if labels and not recorded:
                return None
            version = digest(data)
            return Seen(
                key, uid, version[:16], bool(recorded), f"unreadable {version}", deleting=False, body=b"{}"
            )
        body, has = content
        if any(has.get(label) != value for label, value in labels.items()):
            return None
        version = digest(body)
        return Seen(key, uid, version[:16], bool(recorded), version, deleting=False, body=body)

    def _content(self, key: Key, data: bytes) -> _Content:
        """Canonical bytes and labels of a file's content, parsed again only where it is another than the last time."""
        name = digest(data)
        known = self._parsed.get(key)
        if known is None or known[0] != name:
            known = self._parsed[key] = name, _parse(data)
        return known[1]

    def _path(self, key: Key) -> Path:
        return self._root / (key.namespace or CLUSTER_SCOPED) / str(key.group_kind) / f"{key.name}{_SUFFIX}"

    def _refusal(self, manifest: Manifest) -> Refused | None:
        key = manifest.key
        if not _fits(key):
            return Refused("Invalid", "its name cannot be a file's name", ("metadata.name",))
        if key.group_kind == GroupKind("", "Secret") and {"data", "stringData"} & manifest.body.keys():
            return Refused(
                "Invalid", "a directory never holds a Secret's value: use an ExternalSecret", ("data",)
            )
        if not self._lies_inside(key):
            return Refused("Invalid", "a folder on its path is a link or a file: remove it")
        return None

    def _lies_inside(self, key: Key) -> bool:
        """Whether no folder on the way to a file leads out of the directory."""
        folder = self._path(key).parent
        return files.is_plain_folder(folder.parent) and files.is_plain_folder(folder)

    def _discard_drafts(self) -> None:
        for name in files.names(self._temporary, ""):
            files.remove(self._temporary / name)

    def _require_lock(self) -> None:
        if not self._writable:
            raise RuntimeError("a directory is written to only inside locked()")


def _fits(key: Key) -> bool:
    namespace = not key.namespace or files.is_safe(key.namespace)
    return namespace and files.is_safe(str(key.group_kind)) and files.is_safe(key.name)


def _after(manifest: Manifest, uid: str) -> Seen:
    body = canonical(manifest.body)
    version = digest(body)
    return Seen(manifest.key, uid, version[:16], ours=True, projection=version, deleting=False, body=body)


def _parse(data: bytes) -> _Content:
    """Read a manifest that anyone may have edited; None for all that is not one JSON-like object."""
    if len(data) > files.LARGEST:
        return None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # We write no anchors; expanding those of others could take all memory.
        if b"*" in data and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(data, loader)):
            return None
        value = yaml.load(data, loader)  # noqa: S506 - both are safe loaders
        body = canonical(value)
        metadata = value["metadata"]
        labels = metadata.get("labels") or {}
        return body, {str(key): str(each) for key, each in labels.items()}
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
