"""Managed fields: which entry is ours, what people changed by hand, and how that is taken over to be undone.

To apply our own fields again removes nothing that somebody else added: their fields are theirs. They are put into our
own entry first; the next apply, which does not mention them, then removes them. kubectl does the same to leave
client-side apply: https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/client-go/util/csaupgrade/upgrade.go
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from yardarm_reconciler.model.manifest import Object

MANAGER = "yardarm"
"""Our field manager. It never changes: under another name we would own nothing that we applied before."""

HANDOVER = "yardarm-handover"
"""Holds replicas from when we leave them to a scaler until the scaler changes them."""

RELABELLER = "yardarm-unit"
"""Holds the label of the unit that an object was handed over to, until that applies it. By the name above, replicas that are
held would be let go."""

PREFIX = "kubectl"
BEFORE_APPLY = "before-first-apply"
"""What the API server calls whoever wrote before there was an owner."""

RESTARTED = "f:kubectl.kubernetes.io/restartedAt"
"""`kubectl rollout restart`: to undo it would restart everything once more."""

Fields: TypeAlias = Mapping[str, Any]
"""A ``fieldsV1``: a set of paths as a tree. A leaf is empty; ``.`` says that a node is a member with what is below."""


def ours(managed: Sequence[Object]) -> Object | None:
    """Our Apply entry. An Update under our name, or one of a subresource, is not what we applied."""
    return next((entry for entry in managed if _is_ours(entry)), None)


def owned(managed: Sequence[Object]) -> Fields | None:
    """The fields of our Apply entry."""
    entry = ours(managed)
    return None if entry is None else entry.get("fieldsV1") or {}


def last_writer(managed: Sequence[Object]) -> str:
    """The other manager whose entry is the newest, those of subresources left out."""
    others = [
        entry
        for entry in managed
        if entry.get("manager") not in {MANAGER, HANDOVER, RELABELLER} and not entry.get("subresource")
    ]
    newest = max(others, key=lambda entry: str(entry.get("time", "")), default=None)
    return "" if newest is None else str(newest.get("manager", ""))


def foreign(managed: Sequence[Object]) -> tuple[str, ...]:
    """What people added to an object of ours, as dotted paths with the manager; empty where nothing is to be undone."""
    own = ours(managed)
    if own is None:
        return ()
    found = {
        f"{path} ({entry.get('manager')})"
        for entry in managed
        if _is_human(entry, own)
        for path in _more(_kept(entry), own.get("fieldsV1") or {}, "")
    }
    return tuple(sorted(found))


def taken_over(managed: Sequence[Object]) -> list[Object]:
    """The managed fields with all that people own in our entry, and nothing left in theirs but the time of a restart."""
    own = ours(managed)
    if own is None:
        return list(managed)
    human = [_kept(entry) for entry in managed if _is_human(entry, own)]
    after: list[Object] = []
    for entry in managed:
        if entry is own:
            after.append({**entry, "fieldsV1": union([entry.get("fieldsV1") or {}, *human])})
        elif not _is_human(entry, own):
            after.append(entry)
        elif restarts := _only_restarts(entry.get("fieldsV1") or {}):
            after.append({**entry, "fieldsV1": restarts})
    return after


def renewed(managed: Sequence[Object], served: Collection[str], version: str) -> list[Object]:
    """The managed fields with those of versions that are not served any more said of another, which is.

    An object with such an entry cannot be applied: the API server cannot convert what it compares.
    """
    return [
        entry if entry.get("apiVersion") in served else {**entry, "apiVersion": version} for entry in managed
    ]


def union(sets: Iterable[Fields]) -> Fields:
    """All paths of several sets."""
    result: dict[str, Any] = {}
    for fields in sets:
        for step, below in fields.items():
            known = result.get(step)
            if known is None or known == below:
                result[step] = below
            else:
                # One of them may be the node itself, which is written otherwise where something is below it.
                member: Fields = {".": {}} if not known or not below else {}
                result[step] = {**union([known, below]), **member}
    return result


def _is_ours(entry: Object) -> bool:
    named = entry.get("manager") == MANAGER and entry.get("operation") == "Apply"
    return named and not entry.get("subresource")


def _is_human(entry: Object, own: Object) -> bool:
    """Whether an entry is a person's, or an Update under our own name. One of a subresource never is: it scales.

    Paths in another version of the API may be others: such an entry is left alone.
    """
    if entry.get("subresource") or entry is own or entry.get("apiVersion") != own.get("apiVersion"):
        return False
    manager = str(entry.get("manager", ""))
    return manager.startswith(PREFIX) or manager in {BEFORE_APPLY, MANAGER}


def _kept(entry: Object) -> Fields:
    """The fields of an entry but for the time of a restart."""
    return _without_restarts(entry.get("fieldsV1") or {})


def _without_restarts(fields: Fields) -> Fields:
    left: dict[str, Any] = {}
    for step, below in fields.items():
        if step == RESTARTED:
            continue
        rest = _without_restarts(below)
        # A map of annotations that held nothing else is no change of its own.
        if rest.keys() - {"."} or not below or not below.keys() - {"."}:
            left[step] = rest
    return left


def _only_restarts(fields: Fields) -> Fields:
    return {
        step: rest
        for step, below in fields.items()
        if (rest := below if step == RESTARTED else _only_restarts(below)) or step == RESTARTED
    }


def _more(theirs: Fields, ours: Fields, path: str) -> Iterator[str]:
    """The highest paths that are in their set and not in ours."""
    for step, below in theirs.items():
        if step == ".":
            continue
        here = path + _text(step, first=not path)
        if step not in ours:
            yield here
        elif below and ours[step]:
            yield from _more(below, ours[step], here)


def _text(step: str, *, first: bool) -> str:
    """A step of a path for people."""
    form, name = step[:2], step[2:]
    if form == "f:":
        return name if first else f".{name}"
    if form == "k:":
        return "[" + "/".join(str(value) for value in orjson.loads(name).values()) + "]"
    return f"[{name}]"
