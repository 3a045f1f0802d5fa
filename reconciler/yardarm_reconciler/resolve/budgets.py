"""What may be taken: by a workload, a team, an environment. Whether it fits is decided over all workloads later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yardarm_reconciler.model.budget import TOTAL, Limit, Limits
from yardarm_reconciler.model.document import Document, PlatformSpec
from yardarm_reconciler.model.node import place_at
from yardarm_reconciler.model.origin import Diagnostic, Place
from yardarm_reconciler.resolve.accelerators import UNKNOWN_CLASS, is_class, listed, similar
from yardarm_reconciler.resolve.here import Here, key_place
from yardarm_schema.team import Team

ENVIRONMENT_LIMITS = (("spec", "limits", "accelerators"), ("spec", "limits", "perWorkload"))


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
