"""Where two objects mean something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from yardarm_schema.units import parse_quantity

Path: TypeAlias = tuple[str, ...]

ABSENT = object()
"""Stands for what is not there."""

NAMED = frozenset({"containers", "initContainers", "env", "volumeMounts", "volumes"})
"""Fields of a pod whose items are compared by name, one as a whole where the other side has none of that name."""

UNITS = frozenset(
    {
        "startupProbe",
        "livenessProbe",
        "readinessProbe",
        "httpGet",
        "tcpSocket",
        "grpc",
        "exec",
        "preStop",
        "postStart",
        "rollingUpdate",
    }
)
"""Fields that are one thing where they are on one side alone."""

_AMOUNTS = frozenset({"limits", "requests"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One value of an object, as it was and as a spec renders it."""

    kind: str
    path: Path
    before: Any
    after: Any

    @property
    def text(self) -> str:
        """The way to it as people write it; ``pod`` is the pod template."""
        text = ""
        for step in self.path:
            last = text.rpartition(".")[2]
            named = last in NAMED or (last == "ports" and "/" in step) or "." in step
            text += f"[{step}]" if named else f".{step}" if text else step
        return text


def differences(kind: str, before: Any, after: Any, path: Path = ()) -> Iterator[Difference]:  # noqa: ANN401 - JSON
    """Every value that means something else; of maps those inside, unless a named thing is there on one side alone."""
    if _same(before, after, path):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from differences(kind, before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    elif before is ABSENT and isinstance(after, Mapping) and after and not _is_item(path):
        for key in sorted(after):
            yield from differences(kind, ABSENT, after[key], (*path, key))
    elif (
        after is ABSENT
        and isinstance(before, Mapping)
        and path[-1] in (NAMED | {"ports", "labels", "annotations"})
    ):
        for key in sorted(before):
            yield from differences(kind, before[key], ABSENT, (*path, key))
    else:
        yield Difference(kind, path, before, after)


def _is_item(path: Path) -> bool:
    """Whether it is an item of a list, or one thing for another reason."""
    return path[-1] in UNITS or (len(path) > 1 and (path[-2] in NAMED or path[-2] == "ports"))


def _same(before: Any, after: Any, path: Path) -> bool:  # noqa: ANN401 - JSON
    if before is ABSENT or after is ABSENT:
        return before is after
    if (path[-2:-1] and path[-2] in _AMOUNTS) or path[-1:] == ("sizeLimit",):
        return parse_quantity(str(before)) == parse_quantity(str(after))
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)
