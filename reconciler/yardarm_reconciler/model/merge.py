"""Overrides: a JSON merge patch (RFC 7386) on values that remember where they were written."""

from __future__ import annotations

from yardarm_reconciler.model.node import Entry, Node


def merge(base: Node, patch: Node) -> Node:
    """Apply ``patch`` to ``base``: null removes, maps merge, everything else replaces.

    Every value keeps its place: that of the patch where it comes from there. A map that both have is
    placed where ``base`` has it.

    See https://www.rfc-editor.org/rfc/rfc7386#section-2
    """
    if not isinstance(patch.value, dict):
        return patch
    if isinstance(base.value, dict):
        entries, place = dict(base.value), base.place
    else:
        entries, place = {}, patch.place
    for key, change in patch.value.items():
        value = change.node.value
        if value is None:
            entries.pop(key, None)
        elif not isinstance(value, dict):
            entries[key] = change
        elif (old := entries.get(key)) is not None and isinstance(old.node.value, dict):
            entries[key] = Entry(old.place, merge(old.node, change.node))
        elif _has_null(value):
            entries[key] = Entry(change.place, merge(Node({}, change.node.place), change.node))
        else:
            entries[key] = change  # shared, not copied: most of a spec is in no other layer
    return Node(entries, place)


def _has_null(entries: dict[str, Entry]) -> bool:
    """Whether a map removes anything, at any depth."""
    for entry in entries.values():
        value = entry.node.value
        if value is None or (isinstance(value, dict) and _has_null(value)):
            return True
    return False


def without(node: Node, *keys: str) -> Node:
    """The same map without these keys; anything else as it is."""
    if not isinstance(node.value, dict):
        return node
    return Node({key: entry for key, entry in node.value.items() if key not in keys}, node.place)


def giving_way(base: Node, above: Node, *maps: str) -> Node:
    """The base without those items of these maps that the one above has too: so that they are replaced, not merged."""
    for name in maps:
        lower, upper = (_map(node, name) for node in (base, above))
        if lower and upper:
            kept = {key: entry for key, entry in lower.items() if key not in upper}
            base = replaced(base, name, Node(kept, base.place))
    return base


def _map(node: Node, key: str) -> dict[str, Entry]:
    entry = node.value.get(key) if isinstance(node.value, dict) else None
    return entry.node.value if entry is not None and isinstance(entry.node.value, dict) else {}


def only(node: Node, *keys: str) -> Node:
    """The same map with no other keys."""
    entries = node.value if isinstance(node.value, dict) else {}
    return Node({key: entries[key] for key in keys if key in entries}, node.place)


def replaced(node: Node, key: str, value: Node) -> Node:
    """The same map with another value at a key that it has."""
    if not isinstance(node.value, dict):
        raise TypeError("only a map has keys")
    return Node({**node.value, key: Entry(node.value[key].place, value)}, node.place)
