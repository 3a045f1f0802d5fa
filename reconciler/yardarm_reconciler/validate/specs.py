"""The stage: platform specs first, because whose a workload is depends on them; then workloads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from yardarm_reconciler.model.document import Document, Loaded, PlatformSpec, Specs, WorkloadSpec
from yardarm_reconciler.model.node import Node, descend
from yardarm_reconciler.model.origin import Diagnostic, Found, Place
from yardarm_reconciler.model.paths import matches_any
from yardarm_reconciler.model.typed import did_you_mean, typed
from yardarm_reconciler.validate.again import Read, Readings
from yardarm_reconciler.validate.codes import (
    DUPLICATE,
    KIND_NOT_ALLOWED,
    PATH_MISMATCH,
    UNKNOWN_TEAM,
)
from yardarm_reconciler.validate.marks import marks
from yardarm_reconciler.validate.overrides import with_overrides
from yardarm_reconciler.validate.runtimes import extend, runtimes
from yardarm_reconciler.validate.secrets import secrets
from yardarm_reconciler.validate.waves import waves
from yardarm_schema.accelerators import AcceleratorClass
from yardarm_schema.cache_class import CacheClass
from yardarm_schema.environment import Environment
from yardarm_schema.kinds import DOCUMENTS, PLATFORM, WORKLOADS
from yardarm_schema.names import LABEL
from yardarm_schema.runtime import Runtime
from yardarm_schema.team import Team

_NAME = re.compile(LABEL)
_LONGEST_NAME = 63


def validate(loaded: Loaded, before: Readings | None = None) -> Found[Specs]:
    """Read all documents as specs, and say everything that is wrong with each by itself.

    A workload document that names itself but is invalid is kept with its errors, so that it is held; one that
    does not makes its whole file broken, so that nothing recorded there is deleted. A document that lies where
    its team may not write never disturbs one that lies where it should. That kinds are known, and that platform
    specs lie where the platform may write, was seen to when the documents were loaded. What was read ``before`` of
    documents that are the same is used again.
    """
    documents = [document for document in loaded.documents if document.kind in PLATFORM]
    platform = _platform(documents, runtimes(loaded.catalogue))
    read: Read = partial(_read, environments=platform.environments)
    if before is not None:
        read = before.under(tuple(document.node for document in documents), read)
    workloads = _workloads(
        (document for document in loaded.documents if document.kind in WORKLOADS), platform, read
    )
    specs = Specs(
        replace(loaded, broken=loaded.broken | platform.broken | workloads.broken),
        environments=platform.valid["Environment"],
        teams=platform.valid["Team"],
        classes=platform.valid["AcceleratorClass"],
        workloads=workloads.specs,
        invalid_platform=platform.invalid,
        runtimes=platform.valid["Runtime"],
        caches=platform.valid["CacheClass"],
    )
    invalid = {name.removeprefix("Environment/") for name in platform.invalid}
    found = waves(specs.environments, invalid)
    return Found(specs, (*platform.diagnostics, *workloads.diagnostics, *found))


# What a document says of itself -------------------------------------------------------------------


def _said(document: Document, key: str) -> Node | None:
    """The node of ``metadata.<key>``."""
    node, _, steps = descend(document.node, ("metadata", key))
    return node if steps == 2 else None  # noqa: PLR2004 - both steps


def _named(document: Document, key: str) -> str | None:
    """``metadata.<key>`` where it is a name."""
    node = _said(document, key)
    name = node.value if node else None
    return name if isinstance(name, str) and len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) else None


def _place(document: Document, key: str) -> Place:
    node = _said(document, key)
    return node.place if node else document.kind_place


def _errors(problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(problem for problem in problems if problem.is_error)


def _duplicates(documents: Sequence[Document], what: str) -> Mapping[int, Diagnostic]:
    """For each of several documents that claim one name, the problem that names another, by the document's id."""
    problems = {}
    for document in documents:
        other = documents[0] if document is not documents[0] else documents[1]
        there = _place(other, "name")
        problems[id(document)] = DUPLICATE.at(
            _place(document, "name"),
            f"{what} is also claimed at {there}",
            note=f"{other.kind} at {there}",
            field="metadata.name",
        )
    return problems


# Platform ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Platform:
    valid: Mapping[str, dict[str, Any]]
    invalid: Mapping[str, tuple[Diagnostic, ...]]
    broken: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def environments(self) -> Mapping[str, Environment]:
        return {name: spec.model for name, spec in self.valid["Environment"].items()}


def _platform(documents: Iterable[Document], catalogue: Mapping[str, PlatformSpec[Runtime]]) -> _Platform:
    claimed: dict[tuple[str, str], list[Document]] = defaultdict(list)
    broken: set[str] = set()
    problems: list[Diagnostic] = []
    for document in documents:
        name = _named(document, "name")
        if name is None:
            broken.add(document.path)
            problems += [*typed(DOCUMENTS[document.kind], document.node).diagnostics, *secrets(document.node)]
        else:
            claimed[document.kind, name].append(document)
    valid: dict[str, dict[str, Any]] = {kind: {} for kind in PLATFORM}
    valid["Runtime"] |= {name: spec for name, spec in catalogue.items() if ("Runtime", name) not in claimed}
    invalid = {}
    for (kind, name), claims in claimed.items():
        found: Found[Any] = _platform_spec(kind, name, claims)
        if kind == "Runtime" and found.value is not None:
            whole = extend(found.value, catalogue)
            found = Found(whole.value, (*found.diagnostics, *whole.diagnostics))
        problems += found.diagnostics
        if found.value is None:
            invalid[f"{kind}/{name}"] = _errors(found.diagnostics)
        else:
            valid[kind][name] = found.value
    return _Platform(valid, invalid, frozenset(broken), tuple(problems))


def _platform_spec(
    kind: str, name: str, claims: Sequence[Document]
) -> Found[PlatformSpec[Environment | Team | AcceleratorClass | Runtime | CacheClass] | None]:
    problems: list[Diagnostic] = []
    if len(claims) > 1:
        problems += _duplicates(claims, f"{kind} {name}").values()
    for document in claims:
        found: Found[Any] = typed(DOCUMENTS[kind], document.node)
        problems += [*found.diagnostics, *secrets(document.node)]
    if _errors(problems):
        return Found(None, tuple(problems))
    return Found(PlatformSpec(name, found.value.spec, claims[0]), tuple(problems))


# Workloads -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Workloads:
    specs: tuple[WorkloadSpec, ...]
    broken: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A document that says whose it is; ``rightful`` where it lies in a place where it may say so."""

    document: Document
    team: str
    name: str
    ownership: tuple[Diagnostic, ...]
    rightful: bool

    @property
    def claimed(self) -> tuple[str, str, bool]:
        """What no other document may claim: names are unique in a team, but Volumes have names of their own."""
        return self.team, self.name, self.document.kind == "Volume"


def _workloads(documents: Iterable[Document], platform: _Platform, read: Read) -> _Workloads:
    claims: list[_Claim] = []
    broken: set[str] = set()
    problems: list[Diagnostic] = []
    for document in documents:
        name, team = _named(document, "name"), _named(document, "team")
        if name is None or team is None:
            broken.add(document.path)
            problems += with_overrides(document.kind, document.node, platform.environments).diagnostics
            problems += secrets(document.node)
        else:
            claims.append(_claim(document, team, name, platform))
    twice = _claimed_twice(claims)
    taken = {claim.claimed for claim in claims if claim.rightful}
    specs = []
    for claim in claims:
        spec, found = _workload(claim, twice.get(id(claim.document)), read)
        problems += found
        if claim.rightful or claim.claimed not in taken:
            specs.append(spec)
    return _Workloads(tuple(specs), frozenset(broken), tuple(problems))


def _claim(document: Document, team: str, name: str, platform: _Platform) -> _Claim:
    """Whether the team exists, and may have this kind of document there."""
    spec: PlatformSpec[Team] | None = platform.valid["Team"].get(team)
    if spec is not None:
        outside = not matches_any(spec.model.paths, document.path)
        return _Claim(document, team, name, tuple(_foreign(document, spec, outside=outside)), not outside)
    if f"Team/{team}" in platform.invalid:
        return _Claim(document, team, name, (), rightful=True)
    known = platform.valid["Team"]
    unknown = UNKNOWN_TEAM.at(
        _place(document, "team"),
        f'There is no team "{team}"',
        fix=did_you_mean(team, tuple(known)),
        field="metadata.team",
    )
    return _Claim(document, team, name, (unknown,), rightful=True)


def _foreign(document: Document, team: PlatformSpec[Team], *, outside: bool) -> Iterator[Diagnostic]:
    if outside:
        yield PATH_MISMATCH.at(
            _place(document, "team"),
            f"Specs of team {team.name} may not lie in {document.path}",
            note=f"they may lie in: {', '.join(team.model.paths)}",
            field="metadata.team",
        )
    kinds = team.model.kinds
    if kinds is not None and document.kind not in kinds:
        yield KIND_NOT_ALLOWED.at(
            document.kind_place,
            f"Team {team.name} may not use {document.kind}",
            note=f"it may use: {', '.join(kinds) or 'nothing'}",
            field="kind",
        )


def _claimed_twice(claims: Iterable[_Claim]) -> Mapping[int, Diagnostic]:
    by_name: dict[tuple[str, str, bool], list[Document]] = defaultdict(list)
    for claim in claims:
        if claim.rightful:
            by_name[claim.claimed].append(claim.document)
    problems: dict[int, Diagnostic] = {}
    for (team, name, _), documents in by_name.items():
        if len(documents) > 1:
            problems.update(_duplicates(documents, f"{team}/{name}"))
    return problems


def _read(document: Document, environments: Mapping[str, Environment]) -> Found[Any]:
    """What a document says, and what is wrong with it by itself."""
    found: Found[Any] = with_overrides(document.kind, document.node, environments)
    return Found(found.value, (*found.diagnostics, *marks(document.node), *secrets(document.node)))


def _workload(
    claim: _Claim, twice: Diagnostic | None, read: Read
) -> tuple[WorkloadSpec, tuple[Diagnostic, ...]]:
    document = claim.document
    found = read(document)
    problems = (*claim.ownership, *((twice,) if twice else ()), *found.diagnostics)
    errors = _errors(problems)
    model = None if errors or found.value is None else found.value.spec
    return WorkloadSpec(document.kind, claim.team, claim.name, document, model, errors), problems
