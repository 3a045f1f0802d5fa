"""A YAML value that remembers where it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from yardarm_reconciler.model.origin import Place

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document: a scalar, a list of nodes, or a map from key to :class:`Entry`.

    ``place`` covers the value itself, from its first character to one past its last.
    """

    value: Scalar | tuple[Node, ...] | dict[str, Entry]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map and its value; ``place`` is the key's."""

    place: Place
    node: Node


def plain(node: Node) -> object:
    """Give the JSON tree of a node: dict, list, str, int, float, bool or None."""
    value = node.value
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(entry.node) for key, entry in value.items()}
    return value


def texts_at(root: Node, key: str) -> Iterator[str]:
    """Every text that is written under a key of this name, wherever in the document."""
    open_nodes = [root]
    while open_nodes:
        value = open_nodes.pop().value
        if isinstance(value, tuple):
            open_nodes.extend(value)
        elif isinstance(value, dict):
            open_nodes.extend(entry.node for entry in value.values())
            if key in value and isinstance(text := value[key].node.value, str):
                yield text


def descend(node: Node, path: tuple[str | int, ...]) -> tuple[Node, Entry | None, int]:
    """Follow ``path`` as far as it goes.

    Returns the last node that exists, the map entry that it was reached by (None at the root and
    in lists), and how many steps of ``path`` were followed.
    """
    entry: Entry | None = None
    for step, key in enumerate(path):
        value = node.value
        if isinstance(value, dict) and isinstance(key, str) and key in value:
            entry = value[key]
            node = entry.node
        elif isinstance(value, tuple) and isinstance(key, int) and 0 <= key < len(value):
            entry, node = None, value[key]
        else:
            return node, entry, step
    return node, entry, len(path)


def place_at(node: Node, path: tuple[str | int, ...]) -> Place:
    """Where the value at ``path`` is written, or its nearest ancestor that exists."""
    return descend(node, path)[0].place
