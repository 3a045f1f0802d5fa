"""All experiments on one workload, and what they say of every value of its manifests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.document import Document
from yardarm_reconciler.model.fields import fields
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.mentions import said
from yardarm_reconciler.model.node import Node, Scalar, descend
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.model.provenance import Explained, Leaf, Provenance, Source
from yardarm_reconciler.model.workload import Resolved
from yardarm_reconciler.provenance.alternatives import NAMED, UNSET, alternatives, hinted
from yardarm_reconciler.provenance.asked import Asked, asked, dotted, laboratory, scalar
from yardarm_reconciler.provenance.documents import Path, entries, leaves, put, rekeyed, renamed, without
from yardarm_reconciler.provenance.laboratory import Effect, Laboratory, Refusal, Spot
from yardarm_schema.fields import known_fields
from yardarm_schema.kinds import DOCUMENTS, WORKLOADS

MOST_HINTS = 4
"""Allowed values of a refusal that are tried."""

OVERRIDES = ("spec", "environments")

MOST_NAMES = 2
"""Other names for a thing that are tried."""


def trace(desired: Desired, id_: str) -> Provenance:
    """Explain every value of a workload that one environment renders.

    Args:
        desired: the environment.
        id_: of the workload: ``Kind/team/name``, or ``Team/name`` for a team's own objects.

    Raises:
        StopIteration: there is no such workload that could be rendered.
    """
    found = _Findings(laboratory(desired, id_))
    for document in asked(found.laboratory, desired):
        found.look_into(document)
    resolved = next(each for each in desired.resolution.workloads if each.id == id_)
    if not id_.startswith("Team/"):
        found.look_at_defaults(resolved)
    objects = tuple(_explained(made, found) for made in found.laboratory.manifests)
    return Provenance(desired.resolution.environment_name, id_, objects, tuple(found.untraced))


@dataclass(slots=True)
class _Findings:
    """What was learned so far, for every value of the manifests: sources, each with how much besides it changes."""

    laboratory: Laboratory
    values: dict[Spot, list[tuple[int, Source]]] = field(default_factory=dict)
    presence: dict[Spot, list[tuple[int, Source]]] = field(default_factory=dict)
    untraced: list[Source] = field(default_factory=list)

    def look_into(self, about: Asked) -> None:
        """Take away every entry of a document, then change every value of it."""
        idle: set[Path] = set()
        traced: set[Path] = set()
        for path, entry in entries(about.document.node):
            if not about.matters(path) or _below(path, idle):
                continue
            named = about.is_named_by_people(path)
            answer = self._taken_away(about.document, path, named=named)
            if answer is not None:
                self._note(about.source(path, entry.node), Effect(gone=answer.gone))
                traced.add(path)
                if named and about.prefix and not answer:
                    idle.add(path)  # what nobody asks for need not be looked into
        for path, node in leaves(about.document.node):
            if about.matters(path) and not _below(path, idle):
                effect = self._changed(about.document, path, node)
                if effect is not None:
                    self._note(about.source(path, node), effect)
                elif not _below(path, traced) and not about.permits(path):
                    self.untraced.append(about.source(path, node))

    def look_at_defaults(self, resolved: Resolved[Any]) -> None:
        """Write down every value that nobody did, as another one."""
        document = self.laboratory.document
        defaults = list(_defaults(resolved))
        known = {path[1] for path, _, _ in defaults}
        unset = (each for each in _unset(resolved, document) if each[0][1] not in known)
        for path, value, others in (*defaults, *unset):
            if not _has_room(document.node, path):
                continue
            effect = self._first(document, [_putting(path, other) for other in others])
            if isinstance(effect, Effect):
                name = f"Yardarm's default for {resolved.kind}: {dotted(path)}"
                shown = scalar(str(path[-1]), Node(value, document.kind_place))
                self._note(Source(name, shown), Effect(effect.changed))

    def _taken_away(self, document: Document, path: Path, *, named: bool) -> Effect | None:
        """What is gone without an entry, or under another name where people chose it; None where both are invalid."""
        ways: list[Change] = [lambda node: without(node, path)]
        if path[0] == "spec" and document is self.laboratory.document:
            ways.append(lambda node: _without_overrides(without(node, path), path[1:]))
        if named:
            ways.append(lambda node: rekeyed(node, path, f"{path[-1]}x"))
        answer = self._first(document, ways)
        return answer if isinstance(answer, Effect) else None

    def _changed(self, document: Document, path: Path, node: Node) -> Effect | None:
        """What another value leads to; None where no other is valid."""
        value = node.value
        if isinstance(value, tuple | dict):
            raise TypeError("only a scalar has alternatives")
        answer = self._first(document, [_putting(path, other) for other in alternatives(value)])
        if isinstance(answer, Effect):
            return answer
        hints = dict.fromkeys(hint for message in answer.messages for hint in hinted(value, message))
        named = (NAMED,) if isinstance(value, bool) else ()
        others = (*list(hints)[:MOST_HINTS], *self._peers(value), *named)
        answer = self._first(document, [_putting(path, other) for other in others])
        if isinstance(answer, Effect):
            return answer
        return self._renamed(value) if isinstance(value, str) else None

    def _peers(self, name: Scalar) -> Iterator[str]:
        """Names of other things of the same kind, where this is the name of a thing."""
        loaded = self.laboratory.loaded
        things = [(each.kind, said(each, "name")) for each in (*loaded.documents, *loaded.catalogue)]
        kinds = {kind for kind, known in things if known == name and kind not in WORKLOADS}
        yield from dict.fromkeys(other for kind, other in things if kind in kinds and other != name)

    def _renamed(self, name: str) -> Effect | None:
        """What another name for one thing leads to, wherever it is named."""
        for other in list(alternatives(name))[:MOST_NAMES]:
            documents = self.laboratory.loaded.documents
            answer = self.laboratory.attempt(
                {id(each): renamed(each.node, name, str(other)) for each in documents}
            )
            if isinstance(answer, Effect):
                return answer
        return None

    def _first(self, document: Document, changes: Sequence[Change]) -> Effect | Refusal:
        """The effect of the first valid change; of the next one too, where that has none: it may only be bounded."""
        nothing: Effect | None = None
        messages: list[str] = []
        for change in changes:
            answer = self.laboratory.attempt({id(document): change(document.node)})
            if isinstance(answer, Refusal):
                messages += answer.messages
            elif answer or nothing is not None:
                return answer
            else:
                nothing = answer
        return nothing if nothing is not None else Refusal(tuple(messages))

    def _note(self, source: Source, effect: Effect) -> None:
        for spots, known in ((effect.changed, self.values), (effect.gone, self.presence)):
            for spot in spots:
                known.setdefault(spot, []).append((len(spots), source))


Change = Callable[[Node], Node]


def _putting(path: Path, value: Scalar) -> Change:
    return lambda node: put(node, path, value)


def _without_overrides(node: Node, path: Path) -> Node:
    """The same document without what any environment says of a field of the spec."""
    listed, _, steps = descend(node, OVERRIDES)
    for key in listed.value if steps == len(OVERRIDES) and isinstance(listed.value, dict) else ():
        if _is_there(node, (*OVERRIDES, key, *path)):
            node = without(node, (*OVERRIDES, key, *path))
    return node


def _has_room(node: Node, path: Path) -> bool:
    """Whether a value could be written there: an override may be a map where the spec has a short form."""
    reached, _, steps = descend(node, path)
    return steps == len(path) or isinstance(reached.value, dict)


def _is_there(node: Node, path: Path) -> bool:
    return descend(node, path)[2] == len(path)


def _below(path: Path, above: AbstractSet[Path]) -> bool:
    return any(path[:length] in above for length in range(1, len(path) + 1))


def _defaults(resolved: Resolved[Any]) -> Iterator[tuple[Path, Scalar, list[Scalar]]]:
    """Every value of a spec that stands in no document, with the way to it and what might stand there."""
    dumped = resolved.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
    for path, value in _scalars(dumped, ("spec",)):
        node, _, steps = descend(resolved.node, path)
        written = bool(node.place.path) if steps == len(path) else not isinstance(node.value, dict)
        if not written and path[1] != "environments":
            yield path, value, list(alternatives(value))


def _unset(resolved: Resolved[Any], document: Document) -> Iterator[tuple[Path, Scalar, list[Scalar]]]:
    """Every field of a spec that is not set at all: what it comes to then is decided where it is rendered."""
    for name in known_fields(DOCUMENTS[document.kind], ("spec",)):
        if descend(resolved.node, ("spec", name))[2] == 1:
            yield ("spec", name), None, list(UNSET)


def _scalars(value: Any, path: Path) -> Iterator[tuple[Path, Scalar]]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _scalars(each, (*path, key))
    elif isinstance(value, str | int | float) and value != "":
        yield path, value


def _explained(made: Manifest, found: _Findings) -> Explained:
    return Explained(
        made.key, tuple(_leaf(made, each.path, each.after, found) for each in fields({}, made.body))
    )


def _leaf(made: Manifest, path: str, value: str, found: _Findings) -> Leaf:
    """Sources nearest first; of entries that are alike in that the innermost, which was taken away last."""
    spot, file = (made.key, path), found.laboratory.document.path
    values = _nearest(found.values.get(spot, ()))
    presence = _nearest(reversed(found.presence.get(spot, ())))
    if not values and value == file:
        values = (Source("the file of the spec", file, Place(file)),)
    return Leaf(path, value, values, presence)


def _nearest(known: Iterable[tuple[int, Source]]) -> tuple[Source, ...]:
    """What somebody wrote before what nobody did; what changes least besides is meant most; of two alike the first."""
    ordered = sorted(known, key=lambda each: (not each[1].place.path, each[0]))
    return tuple(source for _, source in ordered)
