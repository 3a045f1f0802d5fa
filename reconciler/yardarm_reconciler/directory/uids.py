"""Who made which file: a log of uids beside the manifests.

JSON lines, appended to and synced *before* a file appears: a crash between the two leaves a uid without a
file, which is nothing, and never a file of ours that looks like somebody else's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import uuid4

import orjson

from yardarm_reconciler.directory import files
from yardarm_reconciler.model.origin import UserError


class Uids:
    """The uid of the cluster and of every object that we made in it, by key. Safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.cluster = str(uuid4())
        self._objects: dict[str, str] = {}
        self._tidy = False
        self.load()

    def load(self) -> None:
        """Read what is on disk; another process may have written since.

        Raises:
            UserError: somebody else wrote into the log; guessing could make foreign files ours.
            TransientError: it cannot be read.
        """
        data = files.read(self._path)
        if data is None:
            return
        # The last line has no end where a crash cut it off: its file was never written.
        lines = data.split(b"\n")[:-1]
        objects: dict[str, str | None] = {}
        cluster = None
        for number, line in enumerate(lines, 1):
            try:
                record = orjson.loads(line)
                cluster = record.get("cluster", cluster)
                if "key" in record:
                    objects[record["key"]] = record["uid"]
            except (ValueError, AttributeError, KeyError) as error:
                raise UserError(
                    f"{self._path}:{number}: not written by Yardarm; restore the file", exit_code=2
                ) from error
        if not cluster:
            raise UserError(f"{self._path}: the cluster's uid is missing; restore the file", exit_code=2)
        with self._lock:
            self.cluster = str(cluster)
            self._objects = {key: uid for key, uid in objects.items() if uid}
            self._tidy = data.endswith(b"\n") and len(lines) <= 2 * len(self._objects) + 64

    def settle(self, temporary: Path) -> None:
        """Make the log fit to append to: the cluster's uid in it, no torn line, few lines that no longer count."""
        if self._tidy:
            return
        with self._lock:
            lines = [{"cluster": self.cluster}, *_lines(self._objects)]
            data = b"".join(orjson.dumps(line) + b"\n" for line in lines)
        files.write(self._path, data, temporary)
        self._tidy = True

    def of(self, key: str) -> str | None:
        """The uid of an object that we made, None for all others."""
        with self._lock:
            return self._objects.get(key)

    def record(self, key: str, uid: str | None) -> None:
        """Remember durably that we made an object, or (None) that it is gone."""
        line = orjson.dumps({"key": key, "uid": uid}) + b"\n"
        with self._lock, files.failing_as_transient(f"cannot write {self._path}"):
            with self._path.open("ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            if uid:
                self._objects[key] = uid
            else:
                self._objects.pop(key, None)


def _lines(objects: Mapping[str, str]) -> Iterable[dict[str, str]]:
    return ({"key": key, "uid": objects[key]} for key in sorted(objects))
