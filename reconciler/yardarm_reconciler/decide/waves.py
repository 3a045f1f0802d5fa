"""Waves: a change goes to an environment when it has been healthy, for a while, in those that come before.

What is compared between environments is the *intent*: a digest of what was written in git for a workload, with the
bytes of the files that it names. Rendered bytes differ from one environment to the next, and a revision touches
workloads that have nothing to do with one another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from yardarm_reconciler.decide.gates import Wait
from yardarm_reconciler.inventory.records import Inventory, Proof, Record
from yardarm_reconciler.model.document import Document, ReadFile, Specs
from yardarm_reconciler.model.manifest import canonical, digest
from yardarm_reconciler.model.node import plain, texts_at

KEPT = 5
"""Versions of a workload that are remembered: a change that goes back to one of these does not wait."""

DIGITS = 16
"""Of an intent's digest: enough to tell a workload's own versions apart."""

Before: TypeAlias = Mapping[str, Inventory | str]
"""The environments that come before by name, each with its inventory, or why that cannot be read."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one revision wants: the intent of every workload and team by id, and the ids by environment.

    ``names`` are the environments that were asked about; of these, those are ``present`` that can be read.
    """

    intents: Mapping[str, str]
    present: Mapping[str, Collection[str]]
    names: frozenset[str]


def intents(specs: Specs) -> dict[str, str]:
    """The intent of every workload and of every team's own objects, by id."""
    read = specs.loaded.read_file
    found = {each.id: _intent(each.document, read) for each in specs.workloads}
    return found | {f"Team/{name}": _intent(team.document, read) for name, team in specs.teams.items()}


def _intent(document: Document, read: ReadFile) -> str:
    contents = ((path, read(path)) for path in sorted(set(texts_at(document.node, "path"))))
    files = {path: digest(data) for path, data in contents if data is not None}
    return digest(canonical({"document": plain(document.node), "files": files}))[:DIGITS]


def wave(
    environment: str,
    candidate: Evidence,
    current: Evidence | None,
    records: Mapping[str, Record],
    before: Before,
    soak: timedelta,
    now: datetime,
) -> Wait | None:
    """What a revision waits for in the environments before, or None.

    Args:
        environment: that it would go to.
        candidate: the revision.
        current: the revision that is followed there now; None where there is none.
        records: what runs there: what ran before is no news.
        before: the environments in which a change must have proved itself.
        soak: for how long.
        now: aware.
    """
    until: datetime | None = None
    for id_ in sorted(_changed(environment, candidate, current, records)):
        for name, inventory in before.items():
            if name in candidate.present and id_ not in candidate.present[name]:
                continue  # it does not run there
            if isinstance(inventory, str):
                return Wait(f"{name} {inventory}")
            done = _soaked(id_, candidate.intents[id_], name, inventory, soak)
            if isinstance(done, Wait):
                return done
            until = max(until or done, done) if done else until
    return Wait("soak", until) if until is not None and until > now else None


def _changed(
    environment: str, candidate: Evidence, current: Evidence | None, records: Mapping[str, Record]
) -> Iterator[str]:
    """The workloads of an environment whose intent is neither what is followed nor what ran before."""
    followed = {} if current is None else current.intents
    here = () if current is None else current.present.get(environment, ())
    for id_ in candidate.present.get(environment, ()):
        intent = candidate.intents.get(id_, "")
        same = id_ in here and followed.get(id_) == intent
        ran = any(proof.intent == intent for proof in records[id_].proofs) if id_ in records else False
        if intent and not same and not ran:
            yield id_


def _soaked(
    id_: str, intent: str, name: str, inventory: Inventory, soak: timedelta
) -> datetime | Wait | None:
    """When an intent will have soaked; None where it has, whatever became of it since."""
    proofs = inventory.records[id_].proofs if id_ in inventory.records else ()
    proof = next((each for each in proofs if each.intent == intent), None)
    if proof is None:
        return Wait(f"{name} does not run this {id_} yet")
    if proof.since:
        began = datetime.fromisoformat(proof.since)
        return None if proof.soaked >= soak.total_seconds() else began + soak
    # Where no time is asked for, having been healthy at all is what counts.
    enough = proof.soaked >= soak.total_seconds() and proof.soaked > 0
    return None if enough else Wait(f"{id_} is not healthy in {name}")


def observe(proofs: Sequence[Proof], intent: str, now: datetime, *, well: bool) -> tuple[Proof, ...]:
    """The proofs of a workload that runs a version now, well or not; equal to those before where nothing is new."""
    since = now.isoformat(timespec="seconds") if well else ""
    if not proofs or proofs[-1].intent != intent:
        known = next((each for each in proofs if each.intent == intent), None)
        others = [_ended(each, now) for each in proofs if each is not known]
        return (*others, Proof(intent, since, known.soaked if known else 0))[-KEPT:]
    last = proofs[-1]
    if well and not last.since:
        return (*proofs[:-1], Proof(intent, since, last.soaked))
    return tuple(proofs) if well else (*proofs[:-1], _ended(last, now))


def _ended(proof: Proof, now: datetime) -> Proof:
    """A proof that is no longer under way: the longest time counts."""
    if not proof.since:
        return proof
    seconds = int((now - datetime.fromisoformat(proof.since)).total_seconds())
    return Proof(proof.intent, "", max(proof.soaked, seconds))
