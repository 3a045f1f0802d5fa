"""The pods of objects of other kinds, where an environment says how they are found."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.pod_template import Template, at
from yardarm_schema.accounting import Accounting, CountedPods

Declared: TypeAlias = Mapping[str, Accounting]
"""By ``Kind.group``, what an environment says of it."""

NOTHING: Declared = {}
_STEPS = re.compile(r"\[(\*)\]|([^.\[]+)")
_Path: TypeAlias = tuple[str | int, ...]


def counted(body: Object, known: Accounting) -> Iterator[Template]:
    """All pod templates of an object.

    Raises:
        ValueError: nothing says how many pods there are, or not by a number.
    """
    for each in known.pods:
        for path, group in _groups(body, each):
            inside = tuple(each.template.split("."))
            if _value(group, inside) is not None:
                yield at(
                    body, (*path, *inside, "spec"), math.prod(_number(group, what) for what in each.count)
                )


def _groups(body: Object, asked: CountedPods) -> Iterator[tuple[_Path, Any]]:
    """Where the groups lie, and what they are; none where the object has no such field."""
    found: list[tuple[_Path, Any]] = [((), body)]
    for each, name in _STEPS.findall(asked.at or ""):
        found = [made for path, value in found for made in _below(path, value, each or name)]
    yield from found


def _below(path: _Path, value: Any, step: str) -> Iterator[tuple[_Path, Any]]:  # noqa: ANN401 - JSON
    if step != "*":
        if value is not None and value.get(step) is not None:
            yield (*path, step), value[step]
    elif isinstance(value, Mapping):
        yield from (((*path, name), item) for name, item in value.items())
    else:
        yield from (((*path, index), item) for index, item in enumerate(value))


def _number(group: Any, what: int | str) -> int:  # noqa: ANN401 - JSON
    """A number, or the one that stands in the group: the default of a kind nobody here knows."""
    number = what if isinstance(what, int) else _value(group, tuple(what.split(".")))
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError(what)
    return number


def _value(group: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - JSON
    """What stands at a path, or None."""
    for step in path:
        group = None if group is None else group.get(step)
    return group
