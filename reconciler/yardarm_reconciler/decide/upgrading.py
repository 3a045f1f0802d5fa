"""What another version of this program would restart, with nothing changed in git: who waits, and whose turn it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from yardarm_reconciler.decide.guards import SHORT_DIGEST, Confirmed, guard_turn, guard_upgrade
from yardarm_reconciler.decide.windows import shut
from yardarm_reconciler.inventory.records import Inventory, Record, Turn
from yardarm_reconciler.model.change import Guard
from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.manifest import unpack
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.model.walker import makes_pods
from yardarm_reconciler.model.workload import Resolution, Workload
from yardarm_schema.sync import Sync

UPGRADE_HELD = Code(
    "apply/upgrade-held",
    title="Another version of Yardarm would restart this",
    why=(
        "The spec is the same, what is rendered from it is not. Nobody asked for a restart by a commit: it waits for a "
        "person, or for its turn, and until then the workload is kept as the former version rendered it."
    ),
    bad="a new version that renders another probe into every Deployment",
    good="the digest confirmed, when a restart suits; or sync: {upgrade: {mode: apply}}",
)


@dataclass(frozen=True, slots=True)
class Engine:
    """The program that decides, and when. ``well`` says of a workload that it is known to be well now."""

    renderer: str
    now: datetime
    well: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What waits, with the reasons; the guard that holds it or that was granted; and whose turn it is."""

    waiting: Mapping[str, tuple[Diagnostic, ...]]
    guard: Guard | None = None
    granted: Guard | None = None
    turn: Turn | None = None


def upgrade(
    candidates: Iterable[Workload],
    resolution: Resolution,
    inventory: Inventory,
    unit: Unit,
    confirmed: Confirmed,
    engine: Engine,
) -> Upgrade:
    """Choose what of the candidates waits because only this version of the program would restart it."""
    present = {each.id: each for each in candidates}
    records, accounting = inventory.records, resolution.accounting
    restarts = {
        id_: each
        for id_, each in present.items()
        if _restarts(each, records.get(id_), engine.renderer, accounting)
    }
    rules = resolution.environment.sync if resolution.environment else None
    before = inventory.parent.turn if inventory.parent else None
    now = turn(restarts, present, rules, before, engine)
    waiting = {id_: each for id_, each in restarts.items() if now is None or id_ not in now.ids}
    ask = guard_turn if rules is not None and _goes_by_itself(rules) else guard_upgrade
    guard, granted = ask(waiting, unit.environment, confirmed)
    held = {id_: (_not_yet(each, guard, unit),) for id_, each in waiting.items()} if guard else {}
    return Upgrade(held, guard, granted, now)


def turn(
    restarts: Collection[str],
    present: Collection[str],
    rules: Sync | None,
    before: Turn | None,
    engine: Engine,
) -> Turn | None:
    """The workloads whose turn it is, and since when; None where it is nobody's.

    The next ones follow when all before them are applied and well, the time between has passed, and no window is
    shut: a version that a cluster refuses, or under which programs fall over, stops there.

    Args:
        restarts: ids of what this version would restart.
        present: ids of all that might be applied; of those before, the others have left or are left alone.
        rules: of the environment; None while that cannot be read.
        before: the last turn; one of another version is over.
        engine: this version, and the time.
    """
    if rules is not None and not _goes_by_itself(rules):
        return None
    if rules is None or not restarts or shut(rules.windows, engine.now):
        return before
    if before is not None and before.renderer == engine.renderer:
        left = (id_ for id_ in before.ids if id_ in present)
        unfinished = any(id_ in restarts or not engine.well(id_) for id_ in left)
        if unfinished or engine.now < before.at + timedelta(seconds=rules.upgrade.every.seconds):
            return before
    return Turn(engine.renderer, engine.now, frozenset(sorted(restarts)[: rules.upgrade.workloads]))


def _goes_by_itself(rules: Sync) -> bool:
    return rules.upgrade.mode == "apply"


def _restarts(workload: Workload, record: Record | None, renderer: str, declared: Declared) -> bool:
    """Whether other bytes of this version, from the same input, change what makes its pods."""
    if record is None or record.renderer == renderer or record.input_hash != workload.input_hash:
        return False
    before = {made.key: made.body for made in unpack(record.last_good)}
    return any(
        made.key in before
        and makes_pods(made.body, declared)
        and made.body.get("spec") != before[made.key].get("spec")
        for made in workload.manifests
    )


def _not_yet(workload: Workload, guard: Guard, unit: Unit) -> Diagnostic:
    fix = f"yardarm confirm {guard.digest[:SHORT_DIGEST]} -e {unit.environment}"
    return UPGRADE_HELD.at(workload.origin, "another version of Yardarm would restart it", fix=fix)
