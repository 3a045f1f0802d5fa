"""A pod template in an object, and how to change what lies in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from yardarm_reconciler.model.manifest import Object

MAIN = "main"
"""What we call the container that a pod is for."""


@dataclass(frozen=True, slots=True)
class Template:
    """A pod template of an object: ``path`` leads to the pod's spec, and at most ``pods`` run of it at one time.

    ``main`` is the name of the container that the pod is for. ``labels_at`` leads to the labels that the object gives to
    these pods; it is empty where they have those of the object itself, or get them elsewhere.
    """

    path: tuple[str | int, ...]
    spec: Object
    metadata: Object
    pods: int
    main: str = MAIN
    labels_at: tuple[str | int, ...] = ()


def at(body: Object, path: tuple[str | int, ...], pods: int, main: str = MAIN) -> Template:
    """The template whose ``spec`` lies at ``path``; its metadata lies beside it, but a pod's own are the object's."""
    parent: Any = body
    for step in path[:-1]:
        parent = parent[step]
    beside = (*path[:-1], "metadata", "labels") if path[:-1] else ()
    return Template(path, parent[path[-1]], parent.get("metadata") or {}, pods, main, beside)


def replaced(body: Any, path: tuple[str | int, ...], value: object) -> Any:  # noqa: ANN401 - JSON
    """The same tree with another value at a path, also in an object that it holds as text."""
    if not path:
        return value
    if isinstance(body, str):
        return as_text(replaced(orjson.loads(body), path, value))
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [*body[:step], replaced(body[step], rest, value), *body[step + 1 :]]
    return {**body, step: replaced(body.get(step) or {}, rest, value)}


def as_text(body: Object) -> str:
    """An object that another one holds, so that both a person and we can read it."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2).decode()
