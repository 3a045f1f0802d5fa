"""Files of a spec: a ConfigMap named by what they hold, so that pods change when they do and running ones keep theirs."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.expand.names import derived, short_hash
from yardarm_reconciler.model.manifest import Manifest, Object, canonical, manifest
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.container import InlineFile
from yardarm_schema.workload import Program

VOLUME = "yardarm-files"
_NOT_IN_KEYS = re.compile(r"[^-._a-zA-Z0-9]")
_KEY_TAIL = 200
"""Characters of a file's name that stay in its ConfigMap key, which may have 253."""


def file_contents(workload: Resolved[Program]) -> dict[str, bytes]:
    """The bytes of each file, by its path in the container."""
    return {
        path: file.content.encode() if isinstance(file, InlineFile) else workload.files[file.path]
        for path, file in sorted(workload.spec.files.items())
    }


def config_map(workload: Resolved[Program]) -> Iterator[Manifest]:
    """The files, under a name with their hash: pods change when they do, and running ones keep theirs."""
    contents = file_contents(workload)
    if not contents:
        return
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(workload, name_of(workload)),
        "immutable": True,
    }
    for path, data in contents.items():
        try:
            body.setdefault("data", {})[key(path)] = data.decode()
        except UnicodeDecodeError:
            body.setdefault("binaryData", {})[key(path)] = base64.b64encode(data).decode()
    yield manifest({key: value for key, value in body.items() if value != {}}, workload.origin("spec.files"))


def name_of(workload: Resolved[Program]) -> str:
    """The ConfigMap's name."""
    texts = {key(path): base64.b64encode(data).decode() for path, data in file_contents(workload).items()}
    return derived(workload.name, short_hash(canonical(texts)))


def key(path: str) -> str:
    """A key that two paths never share; its tail is for people."""
    tail = _NOT_IN_KEYS.sub("_", path.rpartition("/")[2])[-_KEY_TAIL:]
    return f"{short_hash(path)}-{tail}"


def volume(workload: Resolved[Program]) -> dict[str, Object]:
    """The pod's volume of files, where it has any."""
    return {VOLUME: {"configMap": {"name": name_of(workload)}}} if workload.spec.files else {}


def mounts(workload: Resolved[Program]) -> dict[str, Object]:
    """Each file at its path."""
    return {path: {"name": VOLUME, "subPath": key(path), "readOnly": True} for path in workload.spec.files}
