"""All guards that look at what is about to be done, one after the other."""

from __future__ import annotations

from yardarm_reconciler.decide.guards import Confirmed, Guarded, guard_data
from yardarm_reconciler.decide.lost import guard_lost
from yardarm_reconciler.decide.recovering import INVENTORY, RESTORED, Past, guard_recovery, guard_strays
from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.ports import Picture


def guard_all(
    todos: tuple[Todo, ...],
    picture: Picture,
    inventory: Inventory,
    past: Past,
    environment: str,
    confirmed: Confirmed,
) -> Guarded:
    """The to-dos that every guard lets through, with all that these hold or grant."""
    answers = [guard_strays(todos, picture, inventory, environment, confirmed)]
    for name, since in ((RESTORED, past.restored), (INVENTORY, past.lost)):
        answers.append(guard_recovery(answers[-1].todos, name, since, environment, confirmed))
    answers.append(guard_lost(answers[-1].todos, environment, confirmed))
    answers.append(guard_data(answers[-1].todos, environment, confirmed))
    return Guarded(
        answers[-1].todos,
        tuple(guard for each in answers for guard in each.held),
        tuple(guard for each in answers for guard in each.granted),
    )
