"""What is looked into for one workload: its document, and the parts of the platform that it cannot do without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.document import Document
from yardarm_reconciler.model.fields import FLAG
from yardarm_reconciler.model.mentions import identity, mentioned, said
from yardarm_reconciler.model.node import Node, descend
from yardarm_reconciler.model.provenance import Source
from yardarm_reconciler.model.redaction import may_be_secret
from yardarm_reconciler.provenance.documents import Path, only, put, without
from yardarm_reconciler.provenance.laboratory import Effect, Laboratory
from yardarm_schema.fields import known_fields
from yardarm_schema.kinds import DOCUMENTS, WORKLOADS

JUDGES = frozenset({"cluster", "limits", "policy", "sync", "budgets", "kinds", "paths"})
"""Parts of platform specs that say what may be, and never what is. A budget is also what a team's quota is made of."""

QUOTA = "budgets"
TEAM = "Team/"
HIDDEN = "***"


PERMISSIONS = frozenset({("spec", "capabilities"), ("spec", "podSecurity")})
"""What an Environment or Team only lets others do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A document to look into: what its values are called, and which of them can matter.

    ``prefix`` is empty for the workload's own document.
    """

    document: Document
    prefix: str = ""
    judges: frozenset[str] = JUDGES

    def matters(self, path: Path) -> bool:
        """Whether a value there could be part of a manifest."""
        if path[0] == "metadata":
            return not self.prefix or (
                path[1:] == ("name",) and self.document.kind in {"Environment", "Team"}
            )
        return path[0] == "spec" and (not self.prefix or len(path) == 1 or path[1] not in self.judges)

    def permits(self, path: Path) -> bool:
        """Whether a value there may be a permission alone: without it the workload is refused, and it shows nowhere."""
        return bool(self.prefix) and path[:2] in PERMISSIONS

    def source(self, path: Path, node: Node) -> Source:
        """A value as people call it."""
        shown = path if not self.prefix or path[0] == "metadata" else path[1:]
        name = dotted((self.prefix, *shown) if self.prefix else shown)
        return Source(name, scalar(str(path[-1]), node), node.place)

    def is_named_by_people(self, path: Path) -> bool:
        """Whether the last key of a path is a name that people chose, not a field."""
        return not known_fields(DOCUMENTS[self.document.kind], path[:-1])


def laboratory(desired: Desired, id_: str) -> Laboratory:
    """The fewest documents that give a workload's very manifests: those that it mentions, or else all there are.

    Of its own document without what it says of other environments, and of the Environment without what only judges:
    what is too much there would be refused, and tell nothing.

    Raises:
        StopIteration: there is no such workload that could be rendered.
    """
    specs, loaded = desired.specs, desired.specs.loaded
    manifests = next(each.manifests for each in desired.workloads if each.id == id_)
    workloads = [each for each in loaded.documents if each.kind in WORKLOADS]
    original = next(each for each in workloads if _is_of(each, id_, desired))
    document = replace(original, node=only(original.node, ("spec", "environments"), _keys(desired)))
    rest = [each for each in workloads if each is not original]
    strict = specs.environments[desired.resolution.environment_name].document
    lenient = replace(strict, node=_lenient(strict.node))
    platform = [each for each in loaded.documents if each.kind not in WORKLOADS and each is not strict]
    tried = [
        Laboratory(
            replace(loaded, documents=(*platform, environment, document, *others)),
            environment,
            document,
            manifests,
            id_,
        )
        for environment in (lenient, strict)
        for others in (mentioned([document], rest), rest)
    ]
    return next((each for each in tried if each.attempt({}) == Effect()), tried[-1])


def _lenient(node: Node) -> Node:
    """An Environment that limits nothing."""
    bindings, _, steps = descend(node, ("spec", "accelerators"))
    names = bindings.value if steps == 2 and isinstance(bindings.value, dict) else ()  # noqa: PLR2004 - both steps
    judging: list[Path] = [("spec", "accelerators", name, "maxPerPod") for name in names]
    for path in (("spec", "limits"), ("spec", "policy"), *judging):
        if descend(node, path)[2] == len(path):
            node = without(node, path)
    return node


def _keys(desired: Desired) -> frozenset[str]:
    environment = desired.resolution.environment
    return frozenset((*(environment.groups if environment else ()), desired.resolution.environment_name))


def _is_of(document: Document, id_: str, desired: Desired) -> bool:
    """Whether this is the workload's own document; of a team's own objects, one of a workload that makes it be here."""
    if not id_.startswith(TEAM):
        return identity(document) == id_
    rendered = any(each.id == identity(document) for each in desired.workloads)
    return rendered and said(document, "team") == id_.removeprefix(TEAM)


def asked(laboratory: Laboratory, desired: Desired) -> Iterator[Asked]:
    """The workload's own document first, for what it says is meant most."""
    judges = JUDGES - {QUOTA} if laboratory.id.startswith(TEAM) else JUDGES
    if not laboratory.id.startswith(TEAM):
        yield Asked(laboratory.document)
    yield Asked(desired.specs.teams[laboratory.id.split("/")[1]].document, "Team", judges)
    yield Asked(laboratory.environment, "Environment", judges)
    for each in laboratory.loaded.documents:
        if each.kind in WORKLOADS or each.kind in {"Environment", "Team"}:
            continue
        # By another name nobody finds it: what becomes of the workload tells whether it is needed at all.
        hidden = put(each.node, ("metadata", "name"), f"not-{said(each, 'name')}"[:63])
        if laboratory.attempt({id(each): hidden}) != Effect():
            yield Asked(each, f"{each.kind} {said(each, 'name')}")


def dotted(path: Path) -> str:
    """A way as people write it: ``spec.env.HF_HOME``, ``spec.args[2]``, ``nodes[nvidia.com/gpu.product]``."""
    text = ""
    for step in path:
        in_brackets = isinstance(step, int) or ("." in step and text)
        text += f"[{step}]" if in_brackets else f".{step}" if text else str(step)
    return text


def scalar(name: str, node: Node) -> str:
    """A scalar as text, hidden where it may be secret; of anything else nothing."""
    value = node.value
    if isinstance(value, dict | tuple) or value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    flag, equals, rest = text.partition("=") if FLAG.match(text) else (name, "", text)
    if may_be_secret(flag, rest):
        return f"{flag}={HIDDEN}" if equals else HIDDEN
    first, *more = text.strip().split("\n")
    return first + (" …" if more else "")
