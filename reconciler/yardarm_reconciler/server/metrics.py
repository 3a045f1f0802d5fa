"""What `yardarm run` has seen, as Prometheus reads it. Labels are bounded: no workload has a series of its own.

https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from yardarm_reconciler.model.budget import TOTAL, Limit, Peak, add
from yardarm_reconciler.model.change import Action, Report, WorkloadReport
from yardarm_reconciler.ports import Clock
from yardarm_reconciler.server.listener import Handler, Request, Response

SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)
"""Bounds of how long passes take: one that finds nothing to do, up to one that fills a cluster."""

NOTHING = frozenset({Action.UNCHANGED, Action.HELD, Action.SKIPPED})


class Metrics:
    """Counts what reports tell, and shows how things are from the last of each environment.

    Args:
        version: of the program.
        reports: the last report of each environment.
        clock: the time of day.
    """

    def __init__(self, version: str, reports: Callable[[], Sequence[Report]], clock: Clock) -> None:
        self._clock = clock
        # In the text format each counter would bring a second series along.
        disable_created_metrics()  # type: ignore[no-untyped-call] # it has no types
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        Info("yardarm_build", "The program.", registry=self._registry).info({"version": version})
        self._passes = Counter(
            "yardarm_reconcile",
            "Passes over an environment, by what came of them.",
            ("environment", "result"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "yardarm_reconcile_duration_seconds",
            "How long passes took.",
            ("environment",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._changes = Counter(
            "yardarm_changes",
            "What was done to objects, and why they differed from git.",
            ("environment", "action", "cause"),
            registry=self._registry,
        )
        self._webhooks = Counter(
            "yardarm_webhook_requests",
            "Calls of git servers, by the status that answered them.",
            ("code",),
            registry=self._registry,
        )
        self._successes: dict[str, float] = {}
        self._registry.register(_Now(reports, self._successes))

    def __call__(self, report: Report) -> None:
        """Count one pass."""
        where = report.environment
        result = _result(report)
        self._passes.labels(where, result).inc()
        self._seconds.labels(where).observe(report.seconds)
        if result == "success":
            self._successes[where] = self._clock.now().timestamp()
        for workload in report.workloads:
            for change in workload.changes:
                if change.action not in NOTHING:
                    cause = str(change.cause) if change.cause else ""
                    self._changes.labels(where, str(change.action), cause).inc()

    def counted(self, webhook: Handler) -> Handler:
        """The handler of webhooks, with its answers counted."""

        def answer(request: Request) -> Response:
            response = webhook(request)
            if response.status is not HTTPStatus.NOT_FOUND:
                self._webhooks.labels(str(response.status.value)).inc()
            return response

        return answer

    def page(self, request: Request) -> Response:
        """All of it, in the text format that every reader knows."""
        del request
        return Response(HTTPStatus.OK, content=generate_latest(self._registry), kind=CONTENT_TYPE_PLAIN_0_0_4)


def _result(report: Report) -> str:
    if report.error:
        return "failure"
    return "standby" if "standby" in report.notes else "success"


class _Now(Collector):
    """How things are, from the last reports: a series goes with what it tells of."""

    def __init__(self, reports: Callable[[], Sequence[Report]], successes: dict[str, float]) -> None:
        self._reports = reports
        self._successes = successes

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every family, each with one pass over the reports."""
        reports = self._reports()
        yield self._ages()
        yield _leads(reports)
        yield _revisions(reports)
        yield _workloads(reports, "sync", lambda each: str(each.sync))
        yield _workloads(reports, "health", lambda each: str(each.health.state))
        yield _guards(reports)
        yield _problems(reports)
        yield from _budgets(reports)

    def _ages(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "yardarm_last_success_timestamp_seconds",
            "When the last pass without an error ended.",
            labels=("environment",),
        )
        for environment, at in sorted(self._successes.items()):
            family.add_metric((environment,), at)
        return family


def _leads(reports: Sequence[Report]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "yardarm_leader", "Whether this process writes to the environment.", labels=("environment",)
    )
    for report in reports:
        family.add_metric((report.environment,), float("standby" not in report.notes))
    return family


def _revisions(reports: Sequence[Report]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "yardarm_revision_info",
        "The revision that an environment was brought to.",
        labels=("environment", "revision"),
    )
    for report in reports:
        if report.revision:
            family.add_metric((report.environment, report.revision[:12]), 1)
    return family


def _workloads(
    reports: Sequence[Report], axis: str, told: Callable[[WorkloadReport], str]
) -> GaugeMetricFamily:
    """How many workloads of each team are how, on one of the two axes."""
    family = GaugeMetricFamily(
        f"yardarm_workload_{axis}", f"Workloads by {axis}.", labels=("environment", "team", axis)
    )
    tally = Tally(
        (report.environment, _team(each), told(each)) for report in reports for each in report.workloads
    )
    for labels, number in sorted(tally.items()):
        family.add_metric(labels, number)
    return family


def _guards(reports: Sequence[Report]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "yardarm_guard_waiting", "What waits for a person.", labels=("environment", "guard")
    )
    tally = Tally((report.environment, each.name) for report in reports for each in report.guards)
    for labels, number in sorted(tally.items()):
        family.add_metric(labels, number)
    return family


def _problems(reports: Sequence[Report]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "yardarm_spec_problems", "What is wrong in specs.", labels=("environment", "severity")
    )
    tally = Tally(
        (report.environment, str(each.severity)) for report in reports for each in report.diagnostics
    )
    for labels, number in sorted(tally.items()):
        family.add_metric(labels, number)
    return family


def _budgets(reports: Sequence[Report]) -> Iterator[GaugeMetricFamily]:
    """Devices and money at the peak, by team, and how much there may be; the whole environment has no team."""
    by_class, by_team = ("environment", "team", "class"), ("environment", "team")
    devices = GaugeMetricFamily(
        "yardarm_devices_peak", "Devices that workloads hold at most at one time.", labels=by_class
    )
    money = GaugeMetricFamily(
        "yardarm_cost_per_hour_peak",
        "What workloads cost at most in an hour, in the currency of the prices.",
        labels=by_team,
    )
    devices_limit = GaugeMetricFamily(
        "yardarm_devices_limit", "Devices that a budget allows.", labels=by_class
    )
    money_limit = GaugeMetricFamily(
        "yardarm_cost_per_hour_limit", "What a budget allows in an hour.", labels=by_team
    )
    for report in reports:
        for team, peak in _peaks(report).items():
            money.add_metric((report.environment, team), float(peak.cost_per_hour))
            for name in (*sorted(peak.devices), TOTAL):
                devices.add_metric((report.environment, team, name), peak.amount(name))
        for team, limit in _limits(report).items():
            if limit.cost_per_hour is not None:
                money_limit.add_metric((report.environment, team), float(limit.cost_per_hour))
            for name, (number, _) in sorted(limit.devices.items()):
                devices_limit.add_metric((report.environment, team, name), number)
    yield from (devices, money, devices_limit, money_limit)


def _peaks(report: Report) -> Mapping[str, Peak]:
    """By team, and of all together under no name."""
    teams: dict[str, list[Peak]] = {}
    for each in report.workloads:
        teams.setdefault(_team(each), []).append(each.peak)
    return {
        "": add(each.peak for each in report.workloads),
        **{team: add(teams[team]) for team in sorted(teams)},
    }


def _limits(report: Report) -> Mapping[str, Limit]:
    """By team, and of the environment under no name."""
    found = report.limits
    return {"": found.environment, **dict(sorted(found.teams.items()))} if found else {}


def _team(workload: WorkloadReport) -> str:
    """The middle of ``Kind/team/name``; of a team itself its name."""
    return workload.id.split("/")[1]
