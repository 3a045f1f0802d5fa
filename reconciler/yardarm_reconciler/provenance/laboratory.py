"""A workload that can be rendered again and again with something changed, and what each change leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from yardarm_reconciler.model.document import Document, Loaded
from yardarm_reconciler.model.fields import fields
from yardarm_reconciler.model.manifest import Key, Manifest
from yardarm_reconciler.model.mentions import identity, said
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Found
from yardarm_reconciler.pipeline import desired_in, specs_in

Spot: TypeAlias = tuple[Key, str]
"""One value of the manifests: an object as it is, and the way to a field."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change leads to: values that are others, and values that are gone."""

    changed: frozenset[Spot] = frozenset()
    gone: frozenset[Spot] = frozenset()

    def __bool__(self) -> bool:
        """Whether it leads to anything."""
        return bool(self.changed or self.gone)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The change is not valid; ``messages`` say why, and often what would be."""

    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Laboratory:
    """The documents that a workload is made of, and its manifests as they are.

    ``document`` is the workload's own; of a team's own objects, that of a workload which makes them be there.
    """

    loaded: Loaded
    environment: Document
    document: Document
    manifests: tuple[Manifest, ...]
    id: str

    def attempt(self, changes: Mapping[int, Node]) -> Effect | Refusal:
        """Render with other nodes in place of those of some documents, given by the document's ``id()``."""
        documents = {id(each): self._with(each, changes) for each in self.loaded.documents}
        environment = said(documents[id(self.environment)], "name")
        own = identity(documents[id(self.document)])
        wanted = f"Team/{own.split('/')[1]}" if self.id.startswith("Team/") else own
        specs = specs_in(Found(replace(self.loaded, documents=tuple(documents.values()))))
        desired = desired_in(specs, environment)
        made = next((each.manifests for each in desired.workloads if each.id == wanted), None)
        if made is None:
            return Refusal(tuple(each.message for each in desired.diagnostics if each.is_error))
        return effect(self.manifests, made)

    @staticmethod
    def _with(document: Document, changes: Mapping[int, Node]) -> Document:
        return replace(document, node=changes[id(document)]) if id(document) in changes else document


def effect(before: Sequence[Manifest], after: Sequence[Manifest]) -> Effect:
    """Compare manifests; an object that only has another name is the same object."""
    changed: set[Spot] = set()
    gone: set[Spot] = set()
    for old, new in _paired(before, after):
        if new is None:
            gone |= {(old.key, leaf.path) for leaf in fields({}, old.body)}
        elif old.digest != new.digest:
            for each in fields(old.body, new.body):
                if each.before:
                    (changed if each.after else gone).add((old.key, each.path))
    return Effect(frozenset(changed), frozenset(gone))


def _paired(
    before: Sequence[Manifest], after: Sequence[Manifest]
) -> Iterator[tuple[Manifest, Manifest | None]]:
    """Objects by key; those whose key is gone with the next of their kind whose key is new."""
    old, new = {made.key: made for made in before}, {made.key: made for made in after}
    strangers: dict[str, list[Manifest]] = {}
    for made in after:
        if made.key not in old:
            strangers.setdefault(made.key.kind, []).append(made)
    for made in before:
        if made.key in new:
            yield made, new[made.key]
        else:
            several = strangers.get(made.key.kind)
            yield made, several.pop(0) if several else None
