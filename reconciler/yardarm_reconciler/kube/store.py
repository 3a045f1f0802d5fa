"""The InventoryStore port over ConfigMaps: one a record, in a namespace of our own."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from yardarm_reconciler.kube.managed import MANAGER
from yardarm_reconciler.kube.transport import Answer, Request, Transport
from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.ports import Selection, StoreConflictError, Stored

NAMESPACE = "yardarm-system"
"""Where records are kept unless the settings name another namespace."""

_PARENT = "parent"
_UNIT = "yardarm.dev/unit"
_RECORD = "yardarm.dev/record"
_WRITE_ID = "yardarm.dev/write"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_QUERY = {"fieldManager": MANAGER, "timeout": "10s"}


class KubernetesStore:
    """Records of one unit. Methods may be called from many threads.

    Args:
        transport: the API server.
        unit: the unit's id; it becomes part of names and a label.
        namespace: made when it is first written to.

    Raises:
        UserError: the unit's id cannot be part of a name.
    """

    def __init__(self, transport: Transport, unit: str, namespace: str = NAMESPACE) -> None:
        if not _NAME.fullmatch(unit):
            raise UserError(
                f"unit id {unit!r}: lower-case letters, digits and dashes, at most 63", exit_code=2
            )
        self._transport = transport
        self._unit = unit
        self._namespace = namespace

    @property
    def selection(self) -> Selection:
        """The ConfigMaps that hold the records."""
        return Selection(GroupKind("", "ConfigMap"), ((_UNIT, self._unit),), self._namespace)

    def read(self) -> Mapping[str, Stored]:
        """All records by name, in one LIST; empty where there are none yet.

        Raises:
            TransientError: they could not all be read.
        """
        return dict(map(record, self._items()))

    def write(self, name: str, data: bytes, version: str | None) -> str:
        """Write a record where it stands at ``version`` (None: where there is none yet); give the new version.

        Raises:
            StoreConflictError: it does not; nothing was written.
            TransientError: it is not known whether it was written.
        """
        write_id = uuid4().hex
        body = self._wrap(name, data, write_id, version)
        answer = self._send(name, body, version)
        if answer.status == HTTPStatus.NOT_FOUND and version is None:
            make_namespace(self._transport, self._namespace)
            answer = self._send(name, body, version)
        if answer.accepted:
            return str(answer.body["metadata"]["resourceVersion"])
        if answer.status not in {HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND}:
            raise _refused("write", name, answer)
        if answer.attempts > 1:
            # An earlier attempt may have been carried out and its answer lost: then what is there is ours.
            there = self._transport.ask(Request("GET", self._path(name)))
            metadata = there.body.get("metadata", {})
            if there.accepted and (metadata.get("annotations") or {}).get(_WRITE_ID) == write_id:
                return str(metadata["resourceVersion"])
            if not there.accepted and there.status != HTTPStatus.NOT_FOUND:
                raise _refused("read", name, there)
        raise StoreConflictError(name)

    def delete(self, name: str, version: str) -> None:
        """Delete a record at that version; no error where it is gone.

        Raises:
            StoreConflictError: it is at another version; nothing was deleted.
            TransientError: it is not known whether it was deleted.
        """
        options = {"preconditions": {"resourceVersion": version}}
        answer = self._transport.ask(Request("DELETE", self._path(name), body=options))
        if answer.status == HTTPStatus.CONFLICT:
            raise StoreConflictError(name)
        if not answer.accepted and answer.status != HTTPStatus.NOT_FOUND:
            raise _refused("delete", name, answer)

    def _items(self) -> Iterator[Mapping[str, Any]]:
        query = {"labelSelector": f"{_UNIT}={self._unit}", "limit": "500"}
        place = ""
        while True:
            asked = query | ({"continue": place} if place else {})
            answer = self._transport.ask(Request("GET", self._path(), asked))
            if not answer.accepted:
                # Also where the list outlived its place (410): a mixed list would not be one state.
                raise _refused("list", "the inventory", answer)
            yield from answer.body.get("items") or ()
            place = answer.body.get("metadata", {}).get("continue", "")
            if not place:
                return

    def _send(self, name: str, body: Mapping[str, Any], version: str | None) -> Answer:
        if version is None:
            return self._transport.ask(Request("POST", self._path(), _QUERY, body))
        return self._transport.ask(Request("PUT", self._path(name), _QUERY, body))

    def _path(self, name: str = "") -> str:
        collection = f"/api/v1/namespaces/{self._namespace}/configmaps"
        return f"{collection}/{self._object_name(name)}" if name else collection

    def _object_name(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a record's name: {name!r}")
        return f"yardarm-{self._unit}" if name == _PARENT else f"yardarm-{self._unit}-{name}"

    def _wrap(self, name: str, data: bytes, write_id: str, version: str | None) -> dict[str, Any]:
        metadata: dict[str, Any] = {
            "name": self._object_name(name),
            "namespace": self._namespace,
            "labels": {_UNIT: self._unit, _RECORD: name},
            "annotations": {_WRITE_ID: write_id},
        }
        if version is not None:
            metadata["resourceVersion"] = version
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **_content(data)}


def make_namespace(transport: Transport, name: str) -> None:
    """Make the namespace for our own records; no error where it is there.

    Raises:
        TransientError: it could not be made.
    """
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    answer = transport.ask(Request("POST", "/api/v1/namespaces", _QUERY, body))
    if not answer.accepted and answer.status != HTTPStatus.CONFLICT:
        raise _refused("make", f"namespace {name}", answer)


def record(item: Mapping[str, Any]) -> tuple[str, Stored]:
    """A ConfigMap of ours as the name of its record and what is stored."""
    return item["metadata"]["labels"][_RECORD], Stored(_unwrap(item), item["metadata"]["resourceVersion"])


def _content(data: bytes) -> dict[str, Any]:
    """Text stays readable for whoever looks with kubectl; what is compressed goes as base64."""
    try:
        return {"data": {"record": data.decode()}}
    except UnicodeDecodeError:
        return {"binaryData": {"record": base64.b64encode(data).decode()}}


def _unwrap(item: Mapping[str, Any]) -> bytes:
    text = (item.get("data") or {}).get("record")
    if text is not None:
        return str(text).encode()
    # Where somebody emptied it, nothing is left: its reader finds it corrupt.
    return base64.b64decode((item.get("binaryData") or {}).get("record", ""))


def _refused(verb: str, name: str, answer: Answer) -> TransientError:
    return TransientError(f"cannot {verb} {name} in the cluster's inventory (answer {answer.status})")
