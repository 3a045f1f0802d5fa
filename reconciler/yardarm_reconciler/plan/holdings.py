"""What would be held at the peak, before and after: by an environment, and by each team in it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from yardarm_reconciler.model.budget import Limit, Limits, Peak, add
from yardarm_reconciler.model.plan import Holding


def environment(
    before: Mapping[str, Peak],
    after: Mapping[str, Peak],
    limits_before: Limits,
    limits: Limits,
    unknown: AbstractSet[str],
) -> Holding:
    """All workloads of an environment, given as peaks by id; ``unknown`` are those whose peak before is not known."""
    return Holding(
        limits.environment.owner,
        add(before.values()),
        add(after.values()),
        limits_before.environment,
        limits.environment,
        bool(unknown),
    )


def teams(
    before: Mapping[str, Peak],
    after: Mapping[str, Peak],
    limits_before: Limits,
    limits: Limits,
    unknown: AbstractSet[str],
) -> tuple[Holding, ...]:
    """The teams that hold anything on either side, or may hold another number than before."""
    sums_before, sums = _by_team(before), _by_team(after)
    partial = {id_.split("/")[1] for id_ in unknown}
    found = []
    for name in sorted({*sums_before, *sums, *limits_before.teams, *limits.teams}):
        held = Holding(
            name,
            sums_before.get(name, Peak()),
            sums.get(name, Peak()),
            limits_before.teams.get(name, Limit(name)),
            limits.teams.get(name, Limit(name)),
            name in partial,
        )
        if held.before.total or held.after.total or _numbers(held.limit_before) != _numbers(held.limit):
            found.append(held)
    return tuple(found)


def _by_team(peaks: Mapping[str, Peak]) -> dict[str, Peak]:
    teams: dict[str, list[Peak]] = {}
    for id_, peak in peaks.items():
        teams.setdefault(id_.split("/")[1], []).append(peak)
    return {name: add(several) for name, several in teams.items()}


def _numbers(limit: Limit) -> object:
    """A limit without where it is written."""
    return {name: most for name, (most, _) in limit.devices.items()}, limit.cost_per_hour
