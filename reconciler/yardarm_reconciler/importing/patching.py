"""Differences put into the spec's patch, each so that what is rendered means what the manifest meant."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from yardarm_reconciler.importing.difference import ABSENT, NAMED, Difference, Path
from yardarm_reconciler.importing.grouping import Json, template_of
from yardarm_reconciler.importing.pods import mounted

_KEYS = {"volumeMounts": "mountPath", "ports": "containerPort"}
_USUAL = {"automountServiceAccountToken": True, "enableServiceLinks": True}
"""What is so where nothing is said, and is said in the place of something else."""

_NAMELESS = frozenset({"order", "selector", "scaleTargetRef"})
"""What no patch can reach: an order of containers, and who belongs to whom."""


def patchable(difference: Difference) -> bool:
    """Whether a patch can say it at all."""
    if difference.path[:2] == ("spec", "job"):
        return False  # in a list of the JobSet, which a merge would replace
    return difference.path[-1] not in _NAMELESS and not (
        difference.kind == "Service" and difference.path[-1] == "name" and difference.before is ABSENT
    )


def patch(found: Iterable[Difference], originals: Mapping[str, Json], name: str) -> Json:
    """The ``patch`` of a spec that makes these differences go; nothing for none.

    Args:
        found: what is different.
        name: of the workload, by which its Service is told from that of its replicas.
        originals: by kind, the objects as they were, whose values are taken as they are written.
    """
    pod: Json = {}
    merges: dict[str, Json] = {}
    for each in found:
        original = originals[each.kind]
        if each.path[0] == "pod":
            _put(pod, each.path[1:], each, template_of(original))
        elif each.kind == "Service" and each.path[:2] == ("spec", "ports"):
            merges.setdefault(each.kind, {}).setdefault("spec", {})["ports"] = _service_ports(original)
        elif each.path[:2] == ("spec", "volumeClaimTemplates"):
            listed = copy.deepcopy(original["spec"]["volumeClaimTemplates"])
            merges.setdefault(each.kind, {}).setdefault("spec", {})["volumeClaimTemplates"] = listed
        else:
            _merge(merges.setdefault(each.kind, {}), each.path, _raw(original, each))
    resources = [
        {"target": {"kind": kind, **({"name": name} if kind == "Service" else {})}, "merge": merge}
        for kind, merge in sorted(merges.items())
    ]
    return {
        **({"pod": _listed(pod)} if pod else {}),
        **({"resources": resources} if resources else {}),
    }


def _merge(into: Json, path: Path, value: Any) -> None:  # noqa: ANN401 - JSON
    for step in path[:-1]:
        into = into.setdefault(step, {})
    into[path[-1]] = value


def _put(into: Json, path: Path, difference: Difference, template: Json) -> None:
    """Note a value at its place, lists of named things still as maps."""
    if difference.after is ABSENT or difference.before is not ABSENT:
        if (len(path) > 1 and path[-2] == "env") or ("env" in path[-3:-1] and path[-1] == "value"):
            cut = len(path) if path[-2] == "env" else len(path) - 1
            path = path[:cut]
        _merge(into, path, _value(template, path, difference))
    elif path[-2:-1] and (path[-2] in NAMED or path[-2] == "ports"):
        _merge(into, path, {"$patch": "delete"})
    elif path[-1] in _USUAL:
        _merge(into, path, _USUAL[path[-1]])
    else:
        # Null on a way of maps alone would take the field out of the patch itself, as overrides do.
        _merge(into, path, None if NAMED & set(path) else {"$patch": "delete"})


def _value(template: Json, path: Path, difference: Difference) -> Any:  # noqa: ANN401 - JSON
    """What the manifest says there as it says it, else what it means."""
    found: Any = template
    for step in path:
        found = _step(found, step)
        if found is ABSENT:
            return _plain(difference.before)
    return copy.deepcopy(found)


def _step(value: Any, step: str) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return value.get(step, ABSENT)
    if isinstance(value, list):
        return next((each for each in value if isinstance(each, Mapping) and _named(each, step)), ABSENT)
    return ABSENT


def _named(item: Mapping[str, Any], step: str) -> bool:
    if "mountPath" in item:
        return mounted(dict(item)) == step
    if "containerPort" in item:
        return f"{item['containerPort']}/{item.get('protocol', 'TCP')}" == step
    return item.get("name") == step


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """What is meant, without the marks of comparison."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if key != "open"}
    return value


def _raw(original: Json, difference: Difference) -> Any:  # noqa: ANN401 - JSON
    if difference.before is ABSENT:
        return None
    found: Any = original
    for step in difference.path:
        found = _step(found, step)
    return _plain(difference.before) if found is ABSENT else copy.deepcopy(found)


def _service_ports(original: Json) -> list[Json]:
    """All ports as they were, each with a name: where there are several, Kubernetes demands it."""
    return [
        {**each, "name": each.get("name") or f"port-{each['port']}"} for each in original["spec"]["ports"]
    ]


def _listed(value: Any, field: str = "") -> Any:  # noqa: ANN401 - JSON
    """Maps by name as the lists that they are in a pod."""
    if not isinstance(value, Mapping):
        return value
    if field in NAMED or (field == "ports" and all("/" in key for key in value)):
        return [_item(field, name, each) for name, each in value.items()]
    return {key: _listed(each, key) for key, each in value.items()}


def _item(field: str, name: str, value: Any) -> Json:  # noqa: ANN401 - JSON
    key = _KEYS.get(field, "name")
    said: Any = int(name.partition("/")[0]) if key == "containerPort" else name
    protocol = {"protocol": name.partition("/")[2]} if key == "containerPort" else {}
    inside = value if "$patch" in value else _listed(value)
    return {key: said, **protocol, **inside}
