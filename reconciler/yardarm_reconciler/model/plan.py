"""What a change of git would do, before anything is applied: the values of ``yardarm plan``."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from yardarm_reconciler.model.budget import Limit, Peak
from yardarm_reconciler.model.change import Action, Change, FieldChange, Guard
from yardarm_reconciler.model.origin import NOWHERE, Diagnostic, Place


class Since(enum.StrEnum):
    """Whose fault a finding is."""

    HEAD = "head"
    """The change brings it."""
    BASE = "base"
    """It is in the base already."""
    RULES = "rules"
    """It is one under the rules of the base: the change loosens the rule that it would break."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, with the environments that it is one in; none where it is one everywhere."""

    diagnostic: Diagnostic
    since: Since
    environments: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether it holds what it touches, or would under the rules of the base."""
        return self.diagnostic.is_error


@dataclass(frozen=True, slots=True)
class WorkloadPlan:
    """One workload that would not stay as it is, or of which that cannot be said.

    ``owners`` look after its file. ``renamed_from`` is the id that the same content has in the base, ``moved_from`` the file. ``held`` says why nothing
    happens to it. ``unknown`` says why the base cannot be compared with.
    """

    id: str
    origin: Place = NOWHERE
    changes: tuple[Change, ...] = ()
    renamed_from: str = ""
    moved_from: str = ""
    held: tuple[Diagnostic, ...] = ()
    unknown: str = ""
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """What an environment, or a team in it, would hold at its peak: before and after, and of how much.

    ``partial`` says that the base has workloads that could not be rendered, so that ``before`` is not all of it.
    """

    owner: str
    before: Peak
    after: Peak
    limit_before: Limit
    limit: Limit
    partial: bool = False


@dataclass(frozen=True, slots=True)
class EnvironmentPlan:
    """One environment. ``unchanged`` counts objects; ``note`` says what is to be known of all of it."""

    name: str
    workloads: tuple[WorkloadPlan, ...] = ()
    unchanged: int = 0
    environment: Holding | None = None
    teams: tuple[Holding, ...] = ()
    guards: tuple[Guard, ...] = ()
    note: str = ""

    @property
    def changes(self) -> bool:
        """Whether anything would be done."""
        return any(each.changes for each in self.workloads)

    def count(self, action: Action) -> int:
        """How many objects that would happen to."""
        if action is Action.UNCHANGED:
            return self.unchanged
        return sum(change.action is action for each in self.workloads for change in each.changes)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A platform spec (Environment, Team, AcceleratorClass) or ``yardarm.yaml`` that differs: who may do what."""

    kind: str
    name: str
    action: Action
    origin: Place
    fields: tuple[FieldChange, ...] = ()
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the change from one revision to another would do. ``digest`` names exactly that."""

    base: str
    head: str
    environments: tuple[EnvironmentPlan, ...] = ()
    rules: tuple[RuleChange, ...] = ()
    findings: tuple[Finding, ...] = ()
    digest: str = ""

    @property
    def changes(self) -> bool:
        """Whether anything would be done, or judged by other rules."""
        return bool(self.rules) or any(each.changes for each in self.environments)

    def since(self, since: Since) -> tuple[Finding, ...]:
        """The findings of one origin."""
        return tuple(each for each in self.findings if each.since is since)
