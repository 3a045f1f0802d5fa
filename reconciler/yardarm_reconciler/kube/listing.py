"""A whole selection in one read, page by page, and how a selection is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from yardarm_reconciler.kube.discovery import Resource
from yardarm_reconciler.kube.fields import see
from yardarm_reconciler.kube.transport import Request, Transport
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.ports import Listed, Selection

PAGE = "500"
"""Objects of one answer: what the API server and we can hold at once."""


class UnservedError(TransientError):
    """The cluster does not serve that kind (any more)."""


def query(selection: Selection) -> dict[str, str]:
    """The selectors of a selection."""
    labels = ",".join(f"{label}={value}" for label, value in sorted(selection.labels))
    asked = {"labelSelector": labels, "fieldSelector": selection.fields}
    return {name: value for name, value in asked.items() if value}


def read(transport: Transport, resource: Resource, selection: Selection) -> Listed:
    """Read every object of a selection, as of one moment.

    The version is never given: then the answer is as new as the question, where one from version 0 may be stale.

    Raises:
        UnservedError: the cluster does not serve the kind.
        TransientError: the list could not be completed.
    """
    asked = query(selection) | {"limit": PAGE}
    found: list[Mapping[str, Any]] = []
    place = ""
    while True:
        path = resource.path(selection.namespace)
        answer = transport.ask(Request("GET", path, asked | ({"continue": place} if place else {})))
        if answer.status == HTTPStatus.GONE and place:
            # The place in the list has expired: what was read belongs to a moment that is over.
            found, place = [], ""
            continue
        if answer.status == HTTPStatus.NOT_FOUND:
            raise UnservedError(f"cannot list {selection.kind}: the cluster does not serve it")
        if not answer.accepted:
            raise TransientError(f"cannot list {selection.kind} (answer {answer.status})")
        found += answer.body.get("items") or ()
        metadata = answer.body.get("metadata", {})
        place = metadata.get("continue", "")
        if not place:
            seen = tuple(see(item, selection.kind, resource.api_version()) for item in found)
            return Listed(selection, seen, str(metadata.get("resourceVersion", "")))
