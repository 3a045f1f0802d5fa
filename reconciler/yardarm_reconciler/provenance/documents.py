"""Documents with one thing changed: the questions of an experiment."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from yardarm_reconciler.model.node import Entry, Node, Scalar, descend

Path: TypeAlias = tuple[str | int, ...]


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every scalar but null, with the way to it."""
    value = node.value
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from leaves(entry.node, (*path, key))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    elif value is not None:
        yield path, node


def entries(node: Node, path: Path = ()) -> Iterator[tuple[Path, Entry]]:
    """Every entry of every map, a map before what is in it."""
    value = node.value
    if isinstance(value, dict):
        for key, entry in value.items():
            yield (*path, key), entry
            yield from entries(entry.node, (*path, key))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from entries(item, (*path, index))


def put(node: Node, path: Path, new: Scalar) -> Node:
    """The same document with another scalar at a path; maps on the way are made where there are none.

    Raises:
        KeyError: the path leads through a value that is no map and no list.
    """
    return _placed(node, path, Node(new, node.place))


def _placed(node: Node, path: Path, new: Node) -> Node:
    if not path:
        return new
    step, *rest = path
    value = node.value
    if isinstance(value, tuple) and isinstance(step, int):
        items = (
            _placed(item, tuple(rest), new) if index == step else item for index, item in enumerate(value)
        )
        return Node(tuple(items), node.place)
    if isinstance(value, dict) and isinstance(step, str):
        below = value[step].node if step in value else Node({} if rest else None, node.place)
        place = value[step].place if step in value else node.place
        return Node({**value, step: Entry(place, _placed(below, tuple(rest), new))}, node.place)
    raise KeyError(path)


def without(node: Node, path: Path) -> Node:
    """The same document without an entry."""
    step, *rest = path
    value = node.value
    if isinstance(value, dict) and isinstance(step, str):
        if not rest:
            return Node({key: entry for key, entry in value.items() if key != step}, node.place)
        below = Entry(value[step].place, without(value[step].node, tuple(rest)))
        return Node({**value, step: below}, node.place)
    if isinstance(value, tuple) and isinstance(step, int):
        items = (without(item, tuple(rest)) if index == step else item for index, item in enumerate(value))
        return Node(tuple(items), node.place)
    raise KeyError(path)


def rekeyed(node: Node, path: Path, key: str) -> Node:
    """The same document with an entry under another key."""
    value, _, steps = descend(node, path)
    if steps < len(path) or not isinstance(path[-1], str):
        raise KeyError(path)
    return _placed(without(node, path), (*path[:-1], key), value)


def only(node: Node, path: Path, keys: AbstractSet[str]) -> Node:
    """The same document with these keys alone in the map at a path."""
    found, _, steps = descend(node, path)
    if steps < len(path) or not isinstance(found.value, dict):
        return node
    for key in found.value.keys() - keys:
        node = without(node, (*path, key))
    return node


def renamed(node: Node, old: str, new: str) -> Node:
    """The same document where every text and every key that is ``old`` is ``new``: another name for one thing.

    What lies below ``old`` as a path lies below ``new`` then.
    """
    value = node.value
    if isinstance(value, dict):
        changed = {
            new if key == old else key: Entry(entry.place, renamed(entry.node, old, new))
            for key, entry in value.items()
        }
        return Node(changed, node.place)
    if isinstance(value, tuple):
        return Node(tuple(renamed(item, old, new) for item in value), node.place)
    if isinstance(value, str) and value.startswith(f"{old}/"):
        return Node(new + value.removeprefix(old), node.place)
    return Node(new if value == old else value, node.place)
