"""Whom a pass asks further: pods and events are read only where they may say more."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from yardarm_reconciler.apply import Applied
from yardarm_reconciler.decide.effective import Wanted
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.judging import Pass, judge
from yardarm_reconciler.model.change import State
from yardarm_reconciler.model.manifest import canonical, manifest
from yardarm_reconciler.model.origin import NOWHERE
from yardarm_reconciler.model.workload import Workload
from yardarm_reconciler.ports import Seen

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PENDING = {
    "type": "Warning",
    "reason": "Pending",
    "message": "insufficient unused quota",
    "lastTimestamp": "2026-11-23T11:59:00Z",
    "involvedObject": {"kind": "Workload", "namespace": "nlp-dev", "name": "job-train-1b2c3"},
}


@dataclass
class Attentive:
    """A cluster with one event, that remembers where it was asked for any."""

    cluster: Any = field(default_factory=lambda: SimpleNamespace(reports_health=True))
    asked: set[str] = field(default_factory=set)

    def around(self) -> None:
        """Pods can be read."""

    def beside(self, _id: str) -> tuple[tuple[()], tuple[()]]:
        """No pods."""
        return (), ()

    def events(self, namespaces):
        """The event, in each of them."""
        self.asked |= namespaces
        return {namespace: [PENDING] for namespace in namespaces}


def suspended(**labels: str) -> Todo:
    """A Job that does not run yet."""
    metadata = {"name": "train", "namespace": "nlp-dev", "uid": "u", "generation": 1, "labels": labels}
    spec = {"suspend": True, "template": {"spec": {"containers": []}}}
    made = manifest({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec})
    seen = Seen(made.key, "u", "1", ours=True, projection="", deleting=False, body=canonical(made.body))
    workload = Workload("nlp/train", "nlp", "nlp-dev", NOWHERE, (made,), "")
    return Todo("nlp/train", Wanted(workload), None, (Step(Verb.KEEP, made.key, made, seen=seen),))


@pytest.mark.parametrize(
    ("labels", "asked", "reason"),
    [
        ({"kueue.x-k8s.io/queue-name": "nlp"}, {"nlp-dev"}, "waits for queue nlp: insufficient unused quota"),
        ({}, set(), "suspended (spec.suspend)"),
    ],
)
def test_events_are_read_of_what_a_queue_holds(labels, asked, reason):
    """They say what is missing; of what a person holds they say nothing."""
    todo, live = suspended(**labels), Attentive()
    facts: Any = Pass(
        unit=None,
        revision="",
        todos=(todo,),
        applied={todo.id: Applied(todo.id, (), complete=True)},
        inventory=None,
        guards=(),
        diagnostics=(),
        accounting={},
        verdicts={},
        write=False,
    )

    health = judge([todo], facts, live, NOW).health[todo.id]

    assert health.state is State.SUSPENDED
    assert health.reason.endswith(reason)
    assert live.asked == asked
