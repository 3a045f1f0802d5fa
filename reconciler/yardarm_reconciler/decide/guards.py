"""What waits for a person: mass prunes, data, adoption, first runs on a new cluster.

One kind of confirmation serves all: a digest over the exact, sorted set of ids. What is to be done must lie within
a confirmed set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yardarm_reconciler.decide.effective import Wanted
from yardarm_reconciler.decide.runs import run_name
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.inventory.records import Confirmation, Inventory, Parent
from yardarm_reconciler.model.change import Cause, Guard
from yardarm_reconciler.model.manifest import canonical, digest
from yardarm_reconciler.model.origin import Code
from yardarm_reconciler.model.unit import Unit

SHORT_DIGEST = 12
"""Characters of a digest that are shown and accepted."""

CONFIRMED_FOR = timedelta(hours=24)
"""How long a confirmation counts: long enough to converge after a crash, too short to surprise next week."""

PRUNE_HELD = Code(
    "prune/held",
    title="More would be deleted than is plausible",
    why=(
        "A moved folder, a wrong path or an emptied branch looks like a mass removal. Beyond the limit of "
        "Environment.sync.prune, or where everything would go, a person says yes to exactly this set."
    ),
    bad="a commit that moves all specs out of the paths that yardarm.yaml names",
    good="the same commit with yardarm.yaml adapted, or the digest confirmed",
)
PRUNE_INCOMPLETE = Code(
    "prune/incomplete",
    title="Nothing is deleted while a file cannot be read",
    why="A workload may have moved into the file that cannot be read: its absence elsewhere proves nothing.",
    bad="a syntax error in one file, and a spec removed from another, in one commit",
    good="the syntax error fixed",
)

ALWAYS_FREE = 3
"""Removing up to this many workloads is never a mass prune, unless they are all there are."""


ANY_RUN = "*"
"""Among the names of the runs that wait: whatever is first seen on a cluster that was new when its files were not whole."""


@dataclass(frozen=True, slots=True)
class PruneLimit:
    """How much may go without a person: at most ``workloads``, and at most ``percent`` of all."""

    workloads: int = 10
    percent: int = 20


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The confirmations that count now: digests from git, and sets from the inventory."""

    digests: frozenset[str] = frozenset()
    sets: tuple[Confirmation, ...] = ()

    def covers(self, guard: Guard) -> bool:
        """Whether all that the guard holds was confirmed."""
        if any(guard.digest.startswith(each) for each in self.digests if len(each) >= SHORT_DIGEST):
            return True
        confirmed = {_tagged(guard.name, id_) for id_ in guard.ids}
        return any(confirmed <= set(each.ids) for each in self.sets)


@dataclass(frozen=True, slots=True)
class Guarded:
    """The to-dos that may go ahead, what is held, and what was confirmed by a digest in git just now."""

    todos: tuple[Todo, ...]
    held: tuple[Guard, ...]
    granted: tuple[Guard, ...]


def make_guard(name: str, environment: str, ids: Iterable[str], reason: str) -> Guard:
    """A guard whose digest names exactly this set in this environment."""
    ordered = tuple(sorted(set(ids)))
    return Guard(
        name, reason, ordered, digest(canonical({"guard": name, "environment": environment, "ids": ordered}))
    )


def confirmation(guard: Guard, author: str, now: datetime) -> Confirmation:
    """A person's yes to a guard, as it is kept in the inventory."""
    ids = tuple(_tagged(guard.name, id_) for id_ in guard.ids)
    return Confirmation(guard.digest, author, now + CONFIRMED_FOR, ids)


def current(confirmations: Iterable[Confirmation], now: datetime) -> tuple[Confirmation, ...]:
    """Those that have not expired."""
    return tuple(each for each in confirmations if each.expires > now)


def some(guard: Guard | None) -> tuple[Guard, ...]:
    """The guard, if there is one, as one of several."""
    return (guard,) if guard else ()


def guard_prune(
    removed: Collection[str], environment: str, recorded: int, limit: PruneLimit, confirmed: Confirmed
) -> tuple[Guard | None, Guard | None]:
    """Hold the removal of workloads where it is too many to be meant; give the guard that holds, or that was granted.

    Args:
        removed: ids of the workloads that git no longer has.
        environment: for the digest.
        recorded: how many workloads the inventory knows.
        limit: what may go by itself.
        confirmed: what people said yes to.
    """
    if not removed or not _too_many(len(removed), recorded, limit):
        return None, None
    guard = make_guard("prune", environment, removed, _prune_reason(len(removed), recorded, limit))
    return (None, guard) if confirmed.covers(guard) else (guard, None)


def guard_upgrade(
    restarts: Collection[str], environment: str, confirmed: Confirmed
) -> tuple[Guard | None, Guard | None]:
    """Hold what another version of this program would restart; give the guard that holds, or that was granted."""
    if not restarts:
        return None, None
    reason = f"another version of Yardarm would restart {_counted(restarts, 'workload')}"
    guard = make_guard("upgrade", environment, restarts, reason)
    return (None, guard) if confirmed.covers(guard) else (guard, None)


def guard_turn(
    waiting: Collection[str], environment: str, confirmed: Confirmed
) -> tuple[Guard | None, Guard | None]:
    """As :func:`guard_upgrade`, of what will be restarted without a yes, but not yet."""
    if not waiting:
        return None, None
    waits = f"{_counted(waiting, 'workload')} wait{'s' if len(waiting) == 1 else ''}"
    guard = make_guard("turn", environment, waiting, f"{waits} to be restarted by another version of Yardarm")
    return (None, guard) if confirmed.covers(guard) else (guard, None)


def guard_data(todos: Sequence[Todo], environment: str, confirmed: Confirmed) -> Guarded:
    """Let objects that hold data go only where a person has confirmed just them."""
    keys = [str(step.key) for todo in todos for step in todo.steps if step.verb is Verb.RETAIN]
    if not keys:
        return Guarded(tuple(todos), (), ())
    guard = make_guard("data", environment, keys, f"{_counted(keys, 'object')} with data left behind")
    if not confirmed.covers(guard):
        return Guarded(tuple(todos), (guard,), ())
    freed = tuple(replace(todo, steps=tuple(_let_go(step) for step in todo.steps)) for todo in todos)
    return Guarded(freed, (), (guard,))


def guard_runs(
    wanted: Sequence[Wanted], inventory: Inventory, unit: Unit, confirmed: Confirmed, *, whole: bool = True
) -> tuple[frozenset[str], Guard | None, Guard | None]:
    """Hold the runs that were found where there was no inventory: they may have run before, and it would matter.

    Gives the names of the runs that wait, and the guard that holds them or that was granted. Among the names is
    :data:`ANY_RUN` while there are workloads that could not be used yet: their runs will wait too.

    Args:
        wanted: what shall run.
        inventory: what we know of the cluster.
        unit: says whether runs wait at all.
        confirmed: what people said yes to.
        whole: whether every file could be read.
    """
    asked = {
        run_name(each.workload, intent): each.workload.id
        for each in wanted
        for intent in each.workload.runs
        if not intent.repeatable
    }
    names, later = set(asked), unit.confirm_runs
    if inventory.parent is not None:
        known = set(inventory.parent.waiting_runs)
        later = ANY_RUN in known
        names &= known | (
            {name for name, id_ in asked.items() if _never_ran(id_, inventory)} if later else set()
        )
    waiting = names if inventory.parent is not None or unit.confirm_runs else set()
    unusable = not whole or any(each.held and not each.workload.manifests for each in wanted)
    rest = frozenset({ANY_RUN}) if later and unusable else frozenset()
    if not waiting:
        return rest, None, None
    reason = f"a cluster without inventory: {_counted(waiting, 'run')} may have run before"
    guard = make_guard("runs", unit.environment, waiting, reason)
    return (rest, None, guard) if confirmed.covers(guard) else (rest | waiting, guard, None)


def _never_ran(id_: str, inventory: Inventory) -> bool:
    return id_ not in inventory.records or not inventory.records[id_].runs


def accept(parent: Parent, given: Confirmation, unit: Unit) -> Parent:
    """The parent with a person's yes in it.

    Where this yes is the first that an inventory hears, no pass has looked for runs yet: those that it does not
    mean go on waiting.
    """
    others = tuple(each for each in parent.confirmations if each.digest != given.digest)
    new = not parent.revision and not parent.waiting_runs and unit.confirm_runs
    waiting = (ANY_RUN,) if new else parent.waiting_runs
    return replace(parent, confirmations=(*others, given), waiting_runs=waiting)


def adopt_confirmed(todos: Iterable[Todo], adopted: AbstractSet[str]) -> tuple[Todo, ...]:
    """Turn conflicts that a person has confirmed into updates."""
    return tuple(replace(todo, steps=tuple(_adopt(step, adopted) for step in todo.steps)) for todo in todos)


def guard_adoption(
    conflicts: Iterable[str], environment: str, confirmed: Confirmed
) -> tuple[Guard | None, Guard | None]:
    """Hold objects of names that we want which are not ours; give the guard that holds, or that was granted.

    They are somebody else's, or our own from an inventory that was lost. ``conflicts`` are their keys, known only
    after a pass: a create is what finds an object that does not carry our label.
    """
    keys = sorted(conflicts)
    if not keys:
        return None, None
    guard = make_guard(
        "adoption", environment, keys, f"{_counted(keys, 'object')} of a name that we want, but not ours"
    )
    return (None, guard) if confirmed.covers(guard) else (guard, None)


def adoptable(confirmed: Confirmed) -> frozenset[str]:
    """Keys of all objects that a person has confirmed to become ours."""
    prefix = _tagged("adoption", "")
    ids = (id_ for each in confirmed.sets for id_ in each.ids if id_.startswith(prefix))
    return frozenset(id_.removeprefix(prefix) for id_ in ids)


def _adopt(step: Step, adopted: AbstractSet[str]) -> Step:
    if (
        step.verb is not Verb.CONFLICT
        or step.run is not None
        or step.seen is None
        or str(step.key) not in adopted
    ):
        return step
    return replace(step, verb=Verb.UPDATE, cause=Cause.GIT, entry=None, reason="adopted")


def _too_many(removed: int, recorded: int, limit: PruneLimit) -> bool:
    share = removed * 100 > limit.percent * recorded and removed > ALWAYS_FREE
    return removed > limit.workloads or share or removed >= recorded


def _prune_reason(removed: int, recorded: int, limit: PruneLimit) -> str:
    what = "all" if removed >= recorded else f"{removed} of {recorded}"
    return f"{what} workloads would go (limit {limit.workloads} or {limit.percent} %)"


def _let_go(step: Step) -> Step:
    if step.verb is not Verb.RETAIN or step.seen is None:
        return step
    return replace(step, verb=Verb.DELETE, cause=Cause.GIT, reason="confirmed")


def _tagged(name: str, id_: str) -> str:
    """An id with the guard that it was confirmed for: a yes to prune is no yes to adoption."""
    return f"{name}:{id_}"


def _counted(ids: Collection[str], noun: str) -> str:
    return f"{len(ids)} {noun}{'' if len(ids) == 1 else 's'}"
