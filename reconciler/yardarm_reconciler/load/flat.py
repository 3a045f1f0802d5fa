"""Nodes as plain JSON values and back: what a cache keeps of a file that was parsed before.

A node is ``[line, column, endLine, endColumn, value]``; in a map each key has ``[line, column, endLine, endColumn, node]``. The
path is left out: a file keeps its content when it is moved. Four times as quick as to parse again.
"""

from __future__ import annotations

from functools import partial
from typing import Any, TypeAlias

from yardarm_reconciler.model.node import Entry, Node
from yardarm_reconciler.model.origin import Place

Flat: TypeAlias = list[Any]

# Hundreds of thousands are made: a frozen dataclass's own __init__ takes three times as long as its slots alone.
_place = partial(tuple.__new__, Place)
_node = partial(object.__new__, Node)
_entry = partial(object.__new__, Entry)
_set_value, _set_place = vars(Node)["value"].__set__, vars(Node)["place"].__set__
_set_key_place, _set_node = vars(Entry)["place"].__set__, vars(Entry)["node"].__set__


def flatten(node: Node) -> Flat:
    """A node as JSON values."""
    value: Any = node.value
    if isinstance(value, dict):
        value = {key: [*entry.place[1:], flatten(entry.node)] for key, entry in value.items()}
    elif isinstance(value, tuple):
        value = [flatten(item) for item in value]
    return [*node.place[1:], value]


def unflatten(path: str, flat: Flat) -> Node:
    """The node of a file at a path; maps in ``flat`` are reused.

    Raises:
        ValueError: these are not the values of a node.
        TypeError: as above.
    """
    line, column, end_line, end_column, value = flat
    node: Node = _node()
    _set_place(node, _place((path, line, column, end_line, end_column)))
    if value.__class__ is dict:
        for key, (key_line, key_column, key_end_line, key_end_column, inner) in value.items():
            entry: Entry = _entry()
            _set_key_place(entry, _place((path, key_line, key_column, key_end_line, key_end_column)))
            _set_node(entry, unflatten(path, inner))
            value[key] = entry
        _set_value(node, value)
    elif value.__class__ is list:
        _set_value(node, tuple([unflatten(path, item) for item in value]))
    else:
        _set_value(node, value)
    return node
