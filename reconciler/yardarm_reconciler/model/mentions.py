"""Which documents name one another. Guessed from their texts, generously: one too many costs little, one too few a lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from yardarm_reconciler.model.document import Document
from yardarm_reconciler.model.node import Node, descend


def identity(document: Document) -> str:
    """``Kind/team/name`` as a workload document says it; parts that it does not say are empty."""
    return "/".join((document.kind, said(document, "team"), said(document, "name")))


def said(document: Document, key: str) -> str:
    """What a document says of itself under ``metadata``, or an empty text."""
    node, _, steps = descend(document.node, ("metadata", key))
    return node.value if steps == 2 and isinstance(node.value, str) else ""  # noqa: PLR2004 - both steps


def mentions(node: Node, names: AbstractSet[str], paths: AbstractSet[str] = frozenset()) -> bool:
    """Whether any text of a document is one of these names, as ``team/name`` or ``Kind/name`` too, or one of these paths."""
    return any(text in paths or not names.isdisjoint(text.split("/")) for text in _texts(node))


def mentioned(chosen: Iterable[Document], rest: Iterable[Document]) -> tuple[Document, ...]:
    """Of the rest what the chosen documents mention by name, and what that mentions in turn."""
    found: list[Document] = []
    by_name: dict[str, list[Document]] = {}
    for each in rest:
        by_name.setdefault(said(each, "name"), []).append(each)
    open_documents = list(chosen)
    while open_documents:
        for text in _texts(open_documents.pop().node):
            for name in text.split("/"):
                several = by_name.pop(name, [])
                found += several
                open_documents += several
    return tuple(found)


def _texts(root: Node) -> Iterator[str]:
    open_nodes = [root]
    while open_nodes:
        value = open_nodes.pop().value
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            open_nodes.extend(value)
        elif isinstance(value, dict):
            open_nodes.extend(entry.node for entry in value.values())
