"""Secrets that were written into manifests: taken out before anything else is done, so that nothing can repeat them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from yardarm_reconciler.model.fields import strip
from yardarm_reconciler.model.imported import Note, name_of
from yardarm_reconciler.validate.secrets import what_secret

FIX = "revoke it, and refer to a Secret: {secret: name, key: key}"

Json = dict[str, Any]


def without_secrets(bodies: Iterable[Json]) -> tuple[tuple[Json, ...], tuple[Note, ...]]:
    """The objects without what looks like a secret and what servers add, and where each secret stood."""
    notes: list[Note] = []
    clean = tuple(_object(body, notes) for body in bodies)
    return clean, tuple(notes)


def _object(body: Json, notes: list[Note]) -> Json:
    if body["kind"] == "Secret":
        return {key: body[key] for key in ("apiVersion", "kind", "metadata")} | {
            "metadata": {"name": body["metadata"]["name"], "namespace": body["metadata"].get("namespace")}
        }
    found: list[tuple[str, str]] = []
    clean: Json = _clean(_as_written(strip(body)), "", found)
    where = name_of(body)
    notes += [Note(where, path, f"it looks like {what}, so it is left out: {FIX}") for path, what in found]
    return clean


def _as_written(value: Any) -> Any:  # noqa: ANN401 - JSON
    """An object from a cluster without the labels and annotations that controllers have put there."""
    if isinstance(value, dict):
        return {
            key: {name: each for name, each in inside.items() if name not in _BY_CONTROLLERS}
            if key in {"labels", "annotations"} and isinstance(inside, dict)
            else _as_written(inside)
            for key, inside in value.items()
        }
    return [_as_written(each) for each in value] if isinstance(value, list) else value


_BY_CONTROLLERS = frozenset(
    {
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-tracking",
        "batch.kubernetes.io/cronjob-scheduled-timestamp",
        "controller-uid",
        "deprecated.daemonset.template.generation",
        "job-name",
        "kubectl.kubernetes.io/restartedAt",
        "pod-template-hash",
    }
)


def _clean(value: Any, path: str, found: list[tuple[str, str]]) -> Any:  # noqa: ANN401 - JSON
    """The same without secrets; those are noted by their paths."""
    if isinstance(value, dict):
        kept = {}
        for key, each in value.items():
            inside = f"{path}[{key}]" if "." in key or "/" in key else f"{path}.{key}" if path else key
            if isinstance(each, str) and (what := what_secret(key, each)):
                found.append((inside, what))
            else:
                kept[key] = _clean(each, inside, found)
        return kept
    if isinstance(value, list):
        return list(_items(value, path, found))
    return value


def _items(items: list[Any], path: str, found: list[tuple[str, str]]) -> Iterator[Any]:
    before = ""
    for index, item in enumerate(items):
        name = item.get("name") if isinstance(item, dict) else None
        inside = f"{path}[{name if isinstance(name, str) else index}]"
        if isinstance(item, dict) and isinstance(name, str) and isinstance(item.get("value"), str):
            what = what_secret(name, item["value"])
        elif isinstance(item, str):
            flag, equals, rest = item.partition("=")
            what = what_secret(_as_name(flag), rest) if equals else what_secret(_as_name(before), item)
            what, before = what or what_secret("", item), item
        else:
            what = ""
        if what:
            found.append((inside, what))
        else:
            yield _clean(item, inside, found)


def _as_name(flag: str) -> str:
    """``--api-key`` as a variable would be called: the names that secrets have are known as such."""
    return flag.lstrip("-").replace("-", "_") if flag.startswith("-") or flag.isidentifier() else ""
