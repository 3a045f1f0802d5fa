"""What a pass is to do: what shall run compared with what does, and every guard asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yardarm_reconciler.decide.choice import Choice
from yardarm_reconciler.decide.definitions import keep_stored
from yardarm_reconciler.decide.difference import difference
from yardarm_reconciler.decide.guarding import guard_all
from yardarm_reconciler.decide.guards import Confirmed, adopt_confirmed, adoptable, guard_runs, some
from yardarm_reconciler.decide.recovering import Past
from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.model.change import Guard
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.ports import Picture


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be done, as far as the guards let it through, the runs that wait, and what the guards hold and grant.

    ``news`` are those of ``granted`` that were asked about what was found in the cluster.
    """

    todos: tuple[Todo, ...]
    waiting: frozenset[str]
    held: tuple[Guard, ...]
    granted: tuple[Guard, ...]
    news: tuple[Guard, ...]


def decide(
    unit: Unit,
    desired: Desired,
    choice: Choice,
    picture: Picture,
    inventory: Inventory,
    past: Past,
    confirmed: Confirmed,
    renderer: str,
    now: datetime,
) -> Decided:
    """Decide, from what was read alone.

    Args:
        unit: whose environment it is.
        desired: what its revision wants.
        choice: what of that shall run.
        picture: the cluster.
        inventory: what is ours there.
        past: what the cluster and the inventory have lost.
        confirmed: what people said yes to.
        renderer: version of this program.
        now: the time.
    """
    whole = not desired.broken and not desired.resolution.frozen
    wanted = choice.effective.wanted
    waiting, held, granted = guard_runs(wanted, inventory, unit, confirmed, whole=whole)
    todos = difference(choice.effective, picture, inventory, renderer, now, waiting, rebuilds=bool(past.lost))
    guarded = guard_all(keep_stored(todos), picture, inventory, past, unit.environment, confirmed)
    return Decided(
        adopt_confirmed(guarded.todos, adoptable(confirmed)),
        waiting,
        (*choice.held, *some(held), *guarded.held),
        (*choice.granted, *some(granted), *guarded.granted),
        guarded.granted,
    )
