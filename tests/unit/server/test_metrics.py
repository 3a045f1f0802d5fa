"""What Prometheus reads: named by its rules, bounded in labels, gone with what it tells of."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import NOW
from yardarm_reconciler.model.budget import Limit, Limits, Peak
from yardarm_reconciler.model.change import (
    Action,
    Cause,
    Change,
    Guard,
    Health,
    Report,
    State,
    Sync,
    WorkloadReport,
)
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import NOWHERE, Code
from yardarm_reconciler.server.board import Board
from yardarm_reconciler.server.listener import Request
from yardarm_reconciler.server.metrics import Metrics

ASKED = Request("GET", "/metrics", {}, b"")
LABELS = {
    *("environment", "result", "action", "cause", "code", "team", "sync", "health", "guard", "class"),
    *("revision", "version", "le", "severity"),
}
"""All of which there are few, whatever specs say."""


class Noon:
    """A time that does not pass."""

    def now(self):
        """Noon."""
        return NOW

    def monotonic(self):
        """The beginning."""
        return 0.0

    def sleep(self, seconds):
        """Nobody waits."""
        raise AssertionError(seconds)


def workload(name: str, *actions: Action, devices: int = 0) -> WorkloadReport:
    """One of team nlp."""
    key = Key("apps", "Deployment", "nlp-dev", name)
    return WorkloadReport(
        f"Service/nlp/{name}",
        Sync.SYNCED,
        Health(State.HEALTHY),
        peak=Peak({"h100": devices} if devices else {}, Decimal(devices)),
        changes=tuple(Change(key, action, Cause.GIT) for action in actions),
    )


def report(*workloads: WorkloadReport, **more: object) -> Report:
    """One of dev."""
    limit = Limit("nlp", {"h100": (8, NOWHERE)}, Decimal(20))
    facts = {"revision": "a1b2c3d4e5f6a7b8", "seconds": 0.2, "limits": Limits(limit, limit, {"nlp": limit})}
    return Report("dev", "u-dev", workloads=workloads, **{**facts, **more})


class Seen:
    """Metrics, and the last reports."""

    def __init__(self) -> None:
        self.board = Board(["dev"], dict)
        self.metrics = Metrics("0.1.0", self.board.reports, Noon())

    def tell(self, *reports: Report) -> None:
        """Of some passes."""
        for each in reports:
            self.board(each)
            self.metrics(each)

    def families(self) -> list[Metric]:
        """All that is read."""
        content = self.metrics.page(ASKED).content
        assert content is not None
        return list(text_string_to_metric_families(content.decode()))

    def series(self) -> dict[tuple[str, ...], float]:
        """Every value of ours by its name and the values of its labels."""
        return {
            (each.name, *(value for _, value in sorted(each.labels.items()))): each.value
            for family in self.families()
            for each in family.samples
            if each.name.startswith("yardarm_") and "le" not in each.labels
        }


@pytest.fixture
def seen() -> Seen:
    """Nothing yet."""
    return Seen()


def test_passes_and_changes_are_counted(seen: Seen):
    """What was left as it was is no change; a standby's pass is no success."""
    seen.tell(
        report(workload("a", Action.CREATED, Action.CREATED, Action.UNCHANGED)),
        report(workload("a", Action.FAILED), error="git does not answer"),
        report(notes={"standby": "standby: held by process 1"}),
    )

    series = seen.series()
    counted = {name: value for name, value in series.items() if name[0] == "yardarm_reconcile_total"}
    assert counted == {
        ("yardarm_reconcile_total", "dev", result): 1 for result in ("success", "failure", "standby")
    }
    assert series["yardarm_changes_total", "created", "git", "dev"] == 2
    assert series["yardarm_changes_total", "failed", "git", "dev"] == 1
    assert ("yardarm_changes_total", "unchanged", "git", "dev") not in series
    assert series["yardarm_last_success_timestamp_seconds", "dev"] == NOW.timestamp()
    assert series["yardarm_leader", "dev"] == 0


def test_devices_and_money_stand_beside_their_limits(seen: Seen):
    """By team and class, and of the environment without a team."""
    seen.tell(report(workload("a", devices=3), workload("b", devices=2)))

    series = seen.series()
    for team in ("", "nlp"):
        assert series["yardarm_devices_peak", "h100", "dev", team] == 5
        assert series["yardarm_devices_peak", "total", "dev", team] == 5
        assert series["yardarm_devices_limit", "h100", "dev", team] == 8
        assert series["yardarm_cost_per_hour_peak", "dev", team] == 5
        assert series["yardarm_cost_per_hour_limit", "dev", team] == 20


def test_what_is_over_has_no_series(seen: Seen):
    """One revision an environment; a guard that a person has answered is gone."""
    seen.tell(report(workload("a"), guards=(Guard("prune", "too many", ("x",), "0" * 64),)))
    before = seen.series()
    seen.tell(report(revision="b" * 40))

    assert ("yardarm_guard_waiting", "dev", "prune") in before
    after = [name for name in seen.series() if name[0] in {"yardarm_guard_waiting", "yardarm_revision_info"}]
    assert after == [("yardarm_revision_info", "dev", "b" * 12)]
    assert not [name for name in seen.series() if name[0].startswith("yardarm_workload")]


def test_wrong_specs_are_counted(seen: Seen):
    """By how bad they are: an environment may have no workloads because of one."""
    code = Code("environment/cluster-mismatch", "t", "w")
    seen.tell(report(diagnostics=(code.at(NOWHERE, "a"), code.at(NOWHERE, "b"))))

    assert seen.series()["yardarm_spec_problems", "dev", "error"] == 2
    assert not [name for name in seen.series() if name[0].endswith("_created")]


def test_names_are_as_prometheus_wants_them(seen: Seen):
    """Units at the end, totals of counters, a help for each, and no label that grows with the specs.

    https://prometheus.io/docs/practices/naming/
    """
    seen.tell(report(workload("a", Action.CREATED, devices=1), guards=(Guard("prune", "", (), ""),)))

    ours = [each for each in seen.families() if each.name.startswith("yardarm_")]
    assert len(ours) > 12
    for family in ours:
        assert re.fullmatch(r"yardarm_[a-z]+(_[a-z]+)*", family.name), family.name
        assert family.documentation.endswith("."), family.name
        assert family.type in {"counter", "gauge", "histogram"}, family.name
        assert {name for each in family.samples for name in each.labels} <= LABELS, family.name


def test_series_do_not_grow_with_workloads(seen: Seen):
    """A thousand more of one team are the same series."""
    seen.tell(report(workload("a", Action.CREATED, devices=1)))
    few = seen.series().keys()
    seen.tell(report(*(workload(f"a{n}", Action.CREATED, devices=1) for n in range(1000))))

    assert seen.series().keys() == few
