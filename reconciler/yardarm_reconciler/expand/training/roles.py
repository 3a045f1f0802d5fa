"""Roles of a training: one of them leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.training_job import TrainingRole

ONE_LEADER = Code(
    "field/one-leader",
    title="Exactly one role leads",
    why="The run has succeeded when the leader has, and the others find each other through it.",
    bad="roles: {launcher: {…}, worker: {…}}",
    good="roles: {launcher: {leader: true, …}, worker: {…}}",
)


def roles_of(job: Resolved[Any]) -> Mapping[str, Resolved[TrainingRole]]:
    """The roles by name, sorted; none where all pods are alike."""
    return dict(sorted(job.parts.get("roles", {}).items()))


def leader_of(job: Resolved[Any]) -> Resolved[TrainingRole]:
    """The role that leads: the one that says so, or the only one."""
    roles = roles_of(job)
    return next((each for each in roles.values() if each.spec.leader), next(iter(roles.values())))


def check(job: Resolved[Any]) -> Iterator[Diagnostic]:
    """Refuse several roles of which none or more than one leads."""
    roles = roles_of(job)
    leaders = [name for name, each in roles.items() if each.spec.leader]
    if len(roles) > 1 and len(leaders) != 1:
        found = f"{' and '.join(leaders)} lead" if leaders else "none of the roles leads"
        fix = (
            "keep leader: true in one of them"
            if leaders
            else f"add leader: true to one of {', '.join(roles)}"
        )
        yield ONE_LEADER.at(job.origin("spec.roles"), found, fix=fix, field="spec.roles")
