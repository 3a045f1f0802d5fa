"""The runtimes that Yardarm brings along: data of the schema package, one file each."""

from __future__ import annotations

import functools
from importlib import resources

from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.model.document import Document
from yardarm_reconciler.model.node import Entry, Node
from yardarm_reconciler.model.origin import NOWHERE


@functools.cache
def catalogue() -> tuple[Document, ...]:
    """All of them as documents of no file: they belong to the program, and nobody can be blamed for what they say."""
    files = sorted(
        resources.files("yardarm_schema").joinpath("runtimes").iterdir(), key=lambda file: file.name
    )
    composed = [node for file in files for node in compose(file.name, file.read_bytes()).value]
    return tuple(Document("", _nowhere(node), "Runtime", NOWHERE) for node in composed)


def _nowhere(node: Node) -> Node:
    """The same value without places."""
    value = node.value
    if isinstance(value, tuple):
        return Node(tuple(_nowhere(item) for item in value), NOWHERE)
    if isinstance(value, dict):
        return Node({key: Entry(NOWHERE, _nowhere(entry.node)) for key, entry in value.items()}, NOWHERE)
    return Node(value, NOWHERE)
