"""A whole selection in one read, page by page, and how a selection is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from yardarm_reconciler.kube.discovery import Resource
from yardarm_reconciler.kube.fields import see
from yardarm_reconciler.kube.transport import Request, Transport
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.ports import Listed, Seen, Selection

PAGE = "100"
"""Objects of one answer. Of several kinds an answer is in hand at one time, and of 500 objects one takes 15 MB."""


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
    found: list[Seen] = []
    place = ""
    while True:
        page = _page(transport, resource, selection, place)
        if page is None:
            # The place in the list has expired: what was read belongs to a moment that is over.
            found, place = [], ""
            continue
        found += page.seen
        place = page.next_place
        if not place:
            return Listed(selection, tuple(found), page.version)


@dataclass(frozen=True, slots=True)
class _Page:
    """Some objects of a selection; what follows them begins at ``next_place``, and is nothing where that is empty."""

    seen: list[Seen]
    next_place: str
    version: str


def _page(transport: Transport, resource: Resource, selection: Selection, place: str) -> _Page | None:
    """One page, or None where its place has expired.

    What the server says of an object takes ten times the memory of what is kept of it: it is let go page by page.
    """
    asked = query(selection) | {"limit": PAGE} | ({"continue": place} if place else {})
    answer = transport.ask(Request("GET", resource.path(selection.namespace), asked))
    if answer.status == HTTPStatus.GONE and place:
        return None
    if answer.status == HTTPStatus.NOT_FOUND:
        raise UnservedError(f"cannot list {selection.kind}: the cluster does not serve it")
    if not answer.accepted:
        raise TransientError(f"cannot list {selection.kind} (answer {answer.status})")
    items, metadata = answer.body.get("items") or (), answer.body.get("metadata", {})
    api_version = resource.api_version()
    return _Page(
        [see(item, selection.kind, api_version) for item in items],
        metadata.get("continue", ""),
        str(metadata.get("resourceVersion", "")),
    )
