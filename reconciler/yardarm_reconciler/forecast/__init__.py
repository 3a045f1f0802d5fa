"""What a change of git would do: two revisions through the stages of a pass, the second upon what the first would leave.

The same code decides as in a pass (:mod:`yardarm_reconciler.decide`), so a plan says what a sync would do to a cluster
on which the base runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from yardarm_reconciler.forecast.problems import findings
from yardarm_reconciler.forecast.sides import revisions
from yardarm_reconciler.forecast.simulation import Upon, upon
from yardarm_reconciler.forecast.telling import standstill, told
from yardarm_reconciler.model.manifest import canonical, digest
from yardarm_reconciler.model.plan import EnvironmentPlan, Plan
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.plan.owners import owners
from yardarm_reconciler.plan.rules import rules
from yardarm_reconciler.ports import Tree

__all__ = ["forecast"]


def forecast(base: Tree, head: Tree, machinery: Machinery, only: str | None = None) -> Plan:
    """Plan the change from one revision to another in every environment, or in one.

    Raises:
        TransientError: one of the trees cannot be read completely.
    """
    both = revisions(base, head, machinery, only)
    # The base's owners: a change must not be able to name its own reviewers.
    names = owners(both.base.read_file)
    changed = tuple(replace(each, owners=names.of(each.origin.path)) for each in rules(both.base, both.head))
    decided: dict[str, Upon] = {}
    environments = []
    for name, sides in sorted(both.environments.items()):
        why = standstill(sides.base, sides.head)
        if why:
            environments.append(EnvironmentPlan(name, note=why))
        else:
            decided[name] = upon(sides.base, sides.head, machinery)
            found = told(sides.base, sides.head, decided[name])
            owned = (replace(each, owners=names.of(each.origin.path)) for each in found.workloads)
            environments.append(replace(found, workloads=tuple(owned)))
    return Plan(
        both.base.revision,
        both.head.revision,
        tuple(environments),
        changed,
        findings(both, decided, machinery, loosened=bool(changed)),
        _digest(environments, decided),
    )


def _digest(environments: Iterable[EnvironmentPlan], decided: dict[str, Upon]) -> str:
    """Names exactly what would be done: objects, actions, and the bytes that they would have."""
    listed = []
    for environment in environments:
        after = decided[environment.name].after if environment.name in decided else {}
        digests = {made.key: made.digest for each in after.values() for made in each.manifests}
        listed += [
            [environment.name, str(change.key), str(change.action), digests.get(change.key, "")]
            for each in environment.workloads
            for change in each.changes
        ]
    return digest(canonical(listed))
