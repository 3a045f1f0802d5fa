"""The rules that a change is judged by, where it changes them too: platform specs, and which paths they count in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from yardarm_reconciler.model.change import Action
from yardarm_reconciler.model.document import Document, Loaded
from yardarm_reconciler.model.fields import fields
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.node import descend, plain
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.model.plan import RuleChange
from yardarm_schema.kinds import WORKLOADS

ROOT = "yardarm.yaml"


def rules(base: Loaded, head: Loaded) -> tuple[RuleChange, ...]:
    """Every platform spec that is not the same on both sides, sorted by kind and name; then ``yardarm.yaml``."""
    before, after = ({_name(each): each for each in _platform(side)} for side in (base, head))
    changes = (
        _change(kind, name, before.get((kind, name)), after.get((kind, name)))
        for kind, name in sorted(before.keys() | after.keys())
    )
    return (*(each for each in changes if each), *_repository(base, head))


def under_the_base(base: Loaded, head: Loaded) -> Loaded:
    """The head's workloads under the base's rules; what only the head has of the platform is taken from there."""
    known = {_name(each) for each in _platform(base)}
    new = [each for each in _platform(head) if _name(each) not in known]
    workloads = [each for each in head.documents if each.kind in WORKLOADS]
    return replace(head, repository=base.repository, documents=(*_platform(base), *new, *workloads))


def _platform(side: Loaded) -> tuple[Document, ...]:
    return tuple(each for each in side.documents if each.kind not in WORKLOADS)


def _name(document: Document) -> tuple[str, str]:
    node, _, steps = descend(document.node, ("metadata", "name"))
    name = node.value if steps == 2 and isinstance(node.value, str) else ""  # noqa: PLR2004 - both steps
    return document.kind, name or document.path


def _change(kind: str, name: str, old: Document | None, new: Document | None) -> RuleChange | None:
    place = (new or old).kind_place if (new or old) else Place("")  # type: ignore[union-attr] # one of them is there
    if old is None:
        return RuleChange(kind, name, Action.CREATED, place)
    if new is None:
        return RuleChange(kind, name, Action.DELETED, place)
    differing = fields(_body(old), _body(new)) if old.node is not new.node else ()
    return RuleChange(kind, name, Action.CONFIGURED, place, differing) if differing else None


def _body(document: Document) -> Object:
    body = plain(document.node)
    return body if isinstance(body, dict) else {}


def _repository(base: Loaded, head: Loaded) -> Iterator[RuleChange]:
    """Which paths are specs, and from which the platform speaks."""
    before, after = (_spec(side) for side in (base, head))
    if not base.repository.specs:
        yield RuleChange("Repository", ROOT, Action.CREATED, Place(ROOT))
    elif differing := fields(before, after):
        yield RuleChange("Repository", ROOT, Action.CONFIGURED, Place(ROOT), differing)


def _spec(side: Loaded) -> Object:
    return {"spec": side.repository.model_dump(mode="json", by_alias=True)}
