"""A plan as JSON for other programs."""

from __future__ import annotations

from yardarm_reconciler.model.budget import Limit
from yardarm_reconciler.model.change import Action
from yardarm_reconciler.model.plan import (
    EnvironmentPlan,
    Finding,
    Holding,
    Plan,
    RuleChange,
    Since,
    WorkloadPlan,
)
from yardarm_reconciler.report.numbers import devices, money
from yardarm_reconciler.report.output import Json, action, diagnostic, document, fields, guard, place


def plan(found: Plan, version: str, exit_code: int) -> str:
    """What a change of git would do. ``diagnostics`` are the head's own; ``findings`` tell whose fault each is."""
    environments = [_environment(each) for each in found.environments]
    more = {
        "base": found.base,
        "digest": found.digest,
        "changes": found.changes,
        "rules": [_rule(each) for each in found.rules],
        "findings": [_finding(each) for each in found.findings],
    }
    own = [each.diagnostic for each in found.findings if each.since is not Since.RULES]
    return document("Plan", version, found.head, environments, own, exit_code, more)


def _environment(environment: EnvironmentPlan) -> Json:
    ordered = sorted(environment.workloads, key=lambda each: each.id)
    owners = [("environment", environment.environment)] if environment.environment else []
    return {
        "name": environment.name,
        "summary": {str(each): environment.count(each) for each in Action},
        "note": environment.note,
        "workloads": [_workload(each) for each in ordered],
        "owners": [_owner(*each) for each in (*owners, *(("team", team) for team in environment.teams))],
        "guards": [guard(each) for each in environment.guards],
    }


def _workload(each: WorkloadPlan) -> Json:
    return {
        "id": each.id,
        "origin": place(each.origin),
        "renamedFrom": each.renamed_from,
        "movedFrom": each.moved_from,
        "held": [why.code.name for why in each.held],
        "unknown": each.unknown,
        "owners": list(each.owners),
        "actions": [action(change) for change in each.changes],
    }


def _owner(kind: str, held: Holding) -> Json:
    return {
        "owner": kind,
        "name": held.owner,
        "devices": {each.what: _devices(held, each.what) for each in devices(held)},
        "costPerHour": {
            "before": float(held.before.cost_per_hour),
            "after": float(held.after.cost_per_hour),
            "limitBefore": _money(held.limit_before),
            "limit": _money(held.limit),
            "exceeded": money(held).exceeded,
        },
    }


def _devices(held: Holding, name: str) -> Json:
    before, after = (limit.devices.get(name) for limit in (held.limit_before, held.limit))
    most = after[0] if after else None
    return {
        "before": held.before.amount(name),
        "after": held.after.amount(name),
        "limitBefore": before[0] if before else None,
        "limit": most,
        "exceeded": most is not None and held.after.amount(name) > most,
    }


def _money(limit: Limit) -> float | None:
    return None if limit.cost_per_hour is None else float(limit.cost_per_hour)


def _rule(rule: RuleChange) -> Json:
    return {
        "kind": rule.kind,
        "name": rule.name,
        "action": str(rule.action),
        "origin": place(rule.origin),
        "fields": fields(rule.fields),
        "owners": list(rule.owners),
    }


def _finding(each: Finding) -> Json:
    return {
        "since": str(each.since),
        "environments": list(each.environments),
        "diagnostic": diagnostic(each.diagnostic),
    }
