"""Strategic merge patches on pods: lists of named things are merged by what names them, all else as JSON merges.

https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md; the
keys are the ``patchMergeKey`` of https://github.com/kubernetes/api/blob/master/core/v1/types.go
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

KEYS: Mapping[str, str] = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "env": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "ports": "containerPort",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "resourceClaims": "name",
    "schedulingGates": "name",
    "conditionTypes": "type",
}
"""By field, what names an item of its list; lists of other fields are replaced as a whole."""

DIRECTIVE = "$patch"


def merge(base: object, patch: object, field: str = "") -> Any:  # noqa: ANN401 - JSON
    """Merge a patch into a value; ``field`` is its name. ``$patch: delete`` and ``replace`` do what they say.

    Raises:
        ValueError: an item of a list says nothing of what names it, or a directive is unknown.
    """
    if isinstance(patch, Mapping):
        return _map(base if isinstance(base, Mapping) else {}, patch)
    if isinstance(patch, list) and field in KEYS:
        return _items(base if isinstance(base, list) else [], patch, KEYS[field])
    return patch


def _map(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    directive = patch.get(DIRECTIVE)
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != DIRECTIVE}
    if directive is not None:
        raise ValueError(f"$patch: {directive} is not known here")
    merged = dict(base)
    for key, value in patch.items():
        if (isinstance(value, Mapping) and value.get(DIRECTIVE) == "delete") or value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(base.get(key), value, key)
    return merged


def _items(base: list[Any], patch: list[Any], key: str) -> list[Any]:
    """Items of the same name merged, others added at the end, those that are to go left out."""
    merged = list(base)
    for item in patch:
        if not isinstance(item, Mapping) or key not in item:
            raise ValueError(f"an item says nothing of {key}, which names it")
        index = next((i for i, each in enumerate(merged) if each.get(key) == item[key]), None)
        if item.get(DIRECTIVE) == "delete":
            merged = [each for i, each in enumerate(merged) if i != index]
        elif index is None:
            merged.append(merge({}, item))
        else:
            merged[index] = merge(merged[index], item)
    return merged


def paths(patch: object, field: str = "", prefix: str = "") -> Iterator[str]:
    """Every place that a patch touches: ``spec.containers[main].image``."""
    if isinstance(patch, Mapping):
        for key, value in patch.items():
            if key == DIRECTIVE:
                yield prefix
            else:
                yield from paths(value, key, f"{prefix}.{key}" if prefix else key)
    elif isinstance(patch, list) and field in KEYS and all(isinstance(each, Mapping) for each in patch):
        for item in patch:
            name = item.get(KEYS[field])
            rest = {key: value for key, value in item.items() if key != KEYS[field]}
            yield from paths(rest, "", f"{prefix}[{name}]") if rest else iter([f"{prefix}[{name}]"])
    else:
        yield prefix
