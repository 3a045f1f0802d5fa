"""What a workload takes at its peak, and what may be taken. Whether it fits is decided over all workloads later."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal

from yardarm_reconciler.model.budget import TOTAL, Limit, Limits, Peak
from yardarm_reconciler.model.document import Document, PlatformSpec
from yardarm_reconciler.model.node import place_at
from yardarm_reconciler.model.origin import Diagnostic, Place
from yardarm_reconciler.model.workload import BoundAccelerator
from yardarm_reconciler.resolve.accelerators import UNKNOWN_CLASS, is_class, listed, similar
from yardarm_reconciler.resolve.here import Here, key_place
from yardarm_schema.batch_job import BatchJob
from yardarm_schema.service import PodCount, Service
from yardarm_schema.team import Team
from yardarm_schema.workload import Workload

ENVIRONMENT_LIMITS = (("spec", "limits", "accelerators"), ("spec", "limits", "perWorkload"))


def peak(spec: Workload, bound: BoundAccelerator | None, origin: Place) -> Peak:
    """The most devices that a workload holds at one time, and what they cost in an hour."""
    if bound is None:
        return Peak()
    pods, words = _pods(spec)
    devices = pods * bound.count
    price = bound.binding.price_per_hour or Decimal(0)
    arithmetic = f"{words}, {bound.count} each" if bound.count > 1 else words
    return Peak({bound.class_name: devices}, price * devices, arithmetic, origin)


def _pods(spec: Workload) -> tuple[int, str]:
    """How many pods run at one time at most, and how that comes about."""
    match spec:
        case Service():
            extra = surge(spec.rollout.surge, spec.replicas)
            words = f"{spec.replicas} replica{'' if spec.replicas == 1 else 's'}"
            return spec.replicas + extra, f"{words} + {extra} surge" if extra else words
        case BatchJob():
            pods = parallelism(spec)
            return pods, f"{pods} pod{'' if pods == 1 else 's'} at one time"
        case _:
            raise TypeError(f"no peak is known for {type(spec).__name__}")


def surge(asked: PodCount | None, replicas: int) -> int:
    """Pods above the replicas while they are replaced; a share is rounded up, as Kubernetes does."""
    if asked is None or replicas == 0:
        return 0
    return asked if isinstance(asked, int) else math.ceil(replicas * asked.value / 100)


def parallelism(job: BatchJob) -> int:
    """Pods of a job that run at one time: one for each shard where nothing is said."""
    if job.shards is None:
        return 1
    most = job.shards.count or 1
    asked = job.shards.parallelism or most
    return min(asked, job.shards.count) if job.shards.count is not None else asked


def limits(here: Here) -> Limits:
    """All limits of the environment, each with the place where it is written."""
    asked, node = here.environment.limits, here.platform.document.node
    environment, per_workload = ENVIRONMENT_LIMITS
    return Limits(
        environment=Limit(
            here.name,
            {name: (most, place_at(node, (*environment, name))) for name, most in asked.accelerators.items()},
            asked.cost_per_hour,
            place_at(node, ("spec", "limits", "costPerHour")),
        ),
        per_workload=Limit(
            "one workload",
            {
                name: (most, place_at(node, (*per_workload, name)))
                for name, most in asked.per_workload.items()
            },
        ),
        teams={name: team_limit(here, team) for name, team in here.specs.teams.items()},
    )


def team_limit(here: Here, team: PlatformSpec[Team]) -> Limit:
    """The team's budget here: that of the groups in order, then of the environment, the later number winning."""
    devices: dict[str, tuple[int, Place]] = {}
    limit = Limit(team.name)
    for key in here.keys:
        budget = team.model.budgets.get(key)
        if budget is None:
            continue
        path = ("spec", "budgets", key)
        node = team.document.node
        for name, most in budget.accelerators.items():
            devices[name] = (most, place_at(node, (*path, "accelerators", name)))
        if budget.cost_per_hour is not None:
            place = place_at(node, (*path, "costPerHour"))
            limit = Limit(team.name, {}, budget.cost_per_hour, place)
    return Limit(team.name, devices, limit.cost_per_hour, limit.cost_place)


def unknown_classes(
    here: Here, document: Document, path: tuple[str, ...], numbers: Mapping[str, object]
) -> Iterator[Diagnostic]:
    """Limits of classes that do not exist: with a typing error in its name a limit would limit nothing."""
    known = [*sorted(here.specs.classes), TOTAL]
    for name in numbers:
        if name != TOTAL and not is_class(here, name):
            yield UNKNOWN_CLASS.at(
                key_place(document.node, *path, name),
                f"there is no accelerator class {name!r}",
                fix=similar(name, known),
                note=listed(known),
                field=".".join((*path, name)),
            )
