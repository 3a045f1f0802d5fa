"""The runtimes that specs may name: those of the catalogue, and the platform's own, which may extend them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from yardarm_reconciler.model.document import Document, PlatformSpec
from yardarm_reconciler.model.merge import replaced
from yardarm_reconciler.model.node import Node, descend, place_at
from yardarm_reconciler.model.origin import Found
from yardarm_reconciler.model.runtime import UNKNOWN_RUNTIME, extended
from yardarm_reconciler.model.typed import did_you_mean, typed
from yardarm_schema.runtime import Runtime, RuntimeDocument


def runtimes(documents: Iterable[Document]) -> Mapping[str, PlatformSpec[Runtime]]:
    """The catalogue, by name."""
    found = {}
    for document in documents:
        model = typed(RuntimeDocument, document.node).value
        if model is None:
            raise ValueError("the catalogue is data of ours, which a test holds to the schema")
        found[model.metadata.name] = PlatformSpec(model.metadata.name, model.spec, document)
    return found


def extend(
    own: PlatformSpec[Runtime], catalogue: Mapping[str, PlatformSpec[Runtime]]
) -> Found[PlatformSpec[Runtime] | None]:
    """A runtime of the platform with what it extends; None where there is no such."""
    name = own.model.extends
    if name is None:
        return Found(own)
    if name not in catalogue:
        problem = UNKNOWN_RUNTIME.at(
            place_at(own.document.node, ("spec", "extends")),
            f'the catalogue has no runtime "{name}"',
            fix=did_you_mean(name, tuple(catalogue)),
            note=f"it has: {', '.join(catalogue)}",
            field="spec.extends",
        )
        return Found(None, (problem,))
    node = own.document.node
    whole = replaced(node, "spec", extended(_spec(catalogue[name].document.node), _spec(node)))
    found = typed(RuntimeDocument, whole)
    if found.value is None:
        return Found(None, found.diagnostics)
    document = Document(own.document.path, whole, own.document.kind, own.document.kind_place)
    return Found(PlatformSpec(own.name, found.value.spec, document))


def _spec(document: Node) -> Node:
    return descend(document, ("spec",))[0]
