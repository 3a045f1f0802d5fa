"""What we applied, read from managed fields, and the live values at exactly those paths.

https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management; the format of paths:
https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/fieldpath/serialize-pe.go
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from yardarm_reconciler.kube.managed import foreign, last_writer, owned
from yardarm_reconciler.model.manifest import GroupKind, Key, Object, canonical
from yardarm_reconciler.ports import Seen


def see(live: Object, kind: GroupKind, api_version: str) -> Seen:
    """A live object as far as we care.

    ``api_version`` is the one that it was asked for in: items of a list do not say it themselves.
    """
    metadata = dict(live["metadata"])
    managed = metadata.pop("managedFields", None) or ()
    applied = owned(managed)
    body = {**live, "apiVersion": api_version, "kind": kind.kind, "metadata": metadata}
    return Seen(
        key=Key(kind.group, kind.kind, metadata.get("namespace", ""), metadata["name"]),
        uid=metadata.get("uid", ""),
        resource_version=metadata.get("resourceVersion", ""),
        ours=applied is not None,
        projection="" if applied is None else projection(live, applied),
        deleting="deletionTimestamp" in metadata,
        body=canonical(body),
        writer=last_writer(managed),
        foreign=foreign(managed),
    )


def projection(live: Object, owned: Mapping[str, Any]) -> str:
    """Digest of the live values at the paths of a ``fieldsV1``, and of those paths."""
    return hashlib.sha256(canonical([_project(live, owned), owned])).hexdigest()


def _project(value: Any, owned: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON of the server
    """The part of a value that a set of paths covers; an empty set covers it whole."""
    if not owned:
        return value
    part: dict[str, Any] = {}
    for step, below in owned.items():
        if step == ".":
            # We own that it is there, whatever it holds.
            part[step] = True
            continue
        found, inner = _follow(value, step)
        if found:
            part[step] = _project(inner, below)
    return part


def _follow(value: Any, step: str) -> tuple[bool, Any]:  # noqa: ANN401 - JSON of the server
    """One step of a path: a field, an item by its keys, by its value or by its place. False where it leads nowhere."""
    form, name = step[:2], step[2:]
    if form == "f:":
        return (True, value[name]) if isinstance(value, dict) and name in value else (False, None)
    if not isinstance(value, list):
        return False, None
    if form == "k:":
        keys = orjson.loads(name)
        for item in value:
            if isinstance(item, dict) and all(key in item and item[key] == keys[key] for key in keys):
                return True, item
    elif form == "v:":
        wanted = orjson.loads(name)
        return wanted in value, wanted
    elif form == "i:" and int(name) < len(value):
        return True, value[int(name)]
    return False, None
