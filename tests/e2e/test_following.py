"""Steady state: what happens is told by watches, and where nothing happens nothing is asked."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.controlplane.audit import AuditLog
from tests.controlplane.nodes import add_nodes, cpu_node
from tests.controlplane.plane import ControlPlane
from tests.controlplane.waiting import wait_until
from tests.e2e.following import changes, following
from tests.e2e.harness import Site, bind_rights
from yardarm_reconciler.inventory.records import PART_OF
from yardarm_reconciler.model.change import Action, Cause

SOON_SECONDS = 3.0
"""What a second is on a machine that does other things, too; the benchmark measures it."""


def test_a_pass_where_nothing_happened_asks_nothing(site: Site):
    """Not one request but watches, for objects, pods, events and our own records alike."""
    site.write(site.service("api", replicas=2), site.service("web"))
    site.commit()
    with following(site) as program:
        before = program.quiet()
        mark = site.audit.mark()
        for _ in range(10):
            assert program.turn().workloads == before.workloads
        asked = program.since(mark)

    assert [each.uri for each in asked if each.verb != "watch"] == []


def test_an_edited_field_is_put_back_at_once(site: Site):
    """One dry-run and one write within a second, and the next event is our own."""
    site.write(site.service("api"), site.service("web"))
    site.commit()
    with following(site) as program:
        program.quiet()
        mark, told = site.audit.mark(), len(program.told)
        started = time.monotonic()
        site.api.patch(site.path("apps/deployments", "api"), {"spec": {"replicas": 5}})
        wait_until("repaired", lambda: site.live("apps/deployments", "api")["spec"]["replicas"] == 1)
        seconds = time.monotonic() - started
        wait_until("told", lambda: len(program.told) > told)
        program.quiet()

        assert program.asked(mark) == ["dry-run patch deployments/api", "patch deployments/api"]
        causes = [c.cause for report in program.told[told:] for c in changes(report, Action.CONFIGURED)]
    assert causes == [Cause.DRIFT]
    assert seconds < SOON_SECONDS


def test_a_hand_deleted_object_comes_back_at_once(site: Site):
    """One question whether it is gone, one create."""
    site.write(site.service("api"))
    site.commit()
    with following(site) as program:
        program.quiet()
        mark, old = site.audit.mark(), site.live("services", "api")["metadata"]["uid"]
        site.api.delete(site.path("services", "api"))
        wait_until(
            "back", lambda: (site.live("services", "api") or {}).get("metadata", {}).get("uid", old) != old
        )
        program.quiet()

        assert program.asked(mark) == ["get services/api", "create services/api"]


def test_a_removed_label_comes_back_at_once(site: Site):
    """What the watch calls deleted is asked for once, and repaired."""
    site.write(site.service("api"))
    site.commit()
    with following(site) as program:
        program.quiet()
        mark, before = site.audit.mark(), site.live("services", "api")["metadata"]
        site.api.patch(site.path("services", "api"), {"metadata": {"labels": {PART_OF: None}}})
        wait_until("back", lambda: site.live("services", "api")["metadata"]["labels"] == before["labels"])
        program.quiet()

        assert program.asked(mark) == ["get services/api", "dry-run patch services/api", "patch services/api"]
    assert site.live("services", "api")["metadata"]["uid"] == before["uid"]


def test_what_others_write_costs_no_request(site: Site):
    """A field that is nobody's of ours is seen, and nothing is asked for its sake."""
    site.write(site.service("api"))
    site.commit()
    with following(site) as program:
        program.quiet()
        mark = site.audit.mark()
        for number in range(3):
            note = {"metadata": {"annotations": {"other.example.com/seen": str(number)}}}
            site.api.patch(site.path("apps/deployments", "api"), note)
        program.quiet()

        assert program.asked(mark) == []


def test_a_commit_is_applied_by_a_process_that_watches(site: Site):
    """A changed workload is dry-run and written; the others, and their kinds, are not asked for."""
    site.write(site.service("api"), site.service("web"))
    site.commit()
    with following(site) as program:
        program.quiet()
        mark = site.audit.mark()
        site.write(site.service("api", env={"LEVEL": "debug"}))
        revision = site.commit()
        assert program.turn().revision == revision
        program.quiet()

        assert program.asked(mark) == ["dry-run patch deployments/api", "patch deployments/api"]


def test_a_confirmation_is_heard_beside_a_process_that_watches(site: Site):
    """What a person says with the command line wakes the process, which then goes on."""
    site.write(site.service("api"), site.service("web"))
    site.commit()
    with following(site) as program:
        program.quiet()
        site.remove("api")
        site.remove("web")
        site.commit()
        (guard,) = program.turn().guards
        site.confirm(guard)
        wait_until("removed", lambda: site.names("apps/deployments") == [])


def test_who_changes_it_back_each_time_is_answered_ever_more_seldom(site: Site):
    """Two programs that want different things: a few writes, then pauses, and the report says who it is."""
    site.write(site.service("api"))
    site.commit()
    path = site.path("apps/deployments", "api")
    with following(site) as program:
        program.quiet()
        mark = site.audit.mark()
        until = time.monotonic() + 8
        while time.monotonic() < until:
            site.api.request(
                "PATCH",
                path,
                {"spec": {"replicas": 5}},
                query={"fieldManager": "autopilot"},
                headers={"Content-Type": "application/merge-patch+json"},
            )
            time.sleep(0.1)
        writes = [each for each in program.asked(mark) if each == "patch deployments/api"]
        reasons = [change.reason for change in changes(program.told[-1], Action.HELD)]

    assert 3 <= len(writes) <= 6
    assert ["autopilot" in reason for reason in reasons] == [True]


def test_a_namespace_that_somebody_deletes_comes_back_but_for_what_held_data(site: Site):
    """All is made anew at once; a claim would be empty and waits for a yes, a run is not repeated."""
    store = {"volumes": {"data": {"path": "/data", "size": "1Gi"}}}
    site.write(site.service("api"), site.service("store", **store), site.job("index"))
    site.commit()
    with following(site) as program:
        program.quiet()
        mark, old = site.audit.mark(), uid_of_namespace(site)
        site.api.delete(f"/api/v1/namespaces/{site.namespace}")
        wait_until("another namespace", lambda: uid_of_namespace(site) not in {"", old})
        wait_until("back", lambda: site.names("apps/deployments") == ["api"])
        (guard,) = program.turn().guards

        assert (guard.name, site.names("persistentvolumeclaims"), site.names("batch/jobs")) == (
            "lost",
            [],
            [],
        )
        refused = [each.uri for each in program.since(mark).verb("patch") if each.code == 403]
        assert refused == []
        site.confirm(guard)
        wait_until("all back", lambda: site.names("apps/deployments") == ["api", "store"])
        assert site.names("batch/jobs") == []


def uid_of_namespace(site: Site) -> str:
    """The incarnation of the team's namespace, empty where there is none."""
    found = site.api.get(f"/api/v1/namespaces/{site.namespace}")
    return str(found["metadata"]["uid"]) if found else ""


def test_once_a_day_everything_is_tried_out_and_nothing_is_written(site: Site):
    """A dry-run of each object, some in each pass; what comes to nothing leaves no trace, not even in our records."""
    site.write(site.service("api"), site.service("web"))
    site.commit()
    with following(site) as program:
        program.quiet()
        mark = site.audit.mark()
        rounds = program.machinery.rounds
        rounds.due = 0.0
        note = {"metadata": {"annotations": {"other.example.com/seen": "1"}}}
        site.api.patch(site.path("apps/deployments", "api"), note)
        wait_until("tried out", lambda: not program.turn().error and bool(rounds.due) and not rounds.pending)
        made = program.since(mark)
        mark = site.audit.mark()
        program.turn()

        objects = sum(len(record.changes) for record in program.told[-1].workloads)
        assert len(made.dry_runs()) == objects
        assert list(made.writes()) == []
        assert program.asked(mark) == []


# As in the test of restored clusters: a TLS handshake that is cut off leaves a socket to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")
def test_drift_is_found_on_an_api_server_that_came_back(
    control_plane: ControlPlane, sites: Callable[[], Site]
):
    """Watches that broke are opened again, and what happened in between is in the next list."""
    fresh = control_plane.fresh()
    try:
        bind_rights(fresh)
        with fresh.api() as api:
            add_nodes(api, [cpu_node("cpu")])
            site = replace(sites(), dev=fresh, api=api, audit=AuditLog(fresh.audit_log, api))
            site.write(site.service("api"))
            site.commit()
            with following(site) as program:
                program.quiet()
                fresh.api_server.kill()
                fresh.restart_api_server()
                site.api.patch(site.path("apps/deployments", "api"), {"spec": {"replicas": 5}})
                wait_until("repaired", lambda: site.live("apps/deployments", "api")["spec"]["replicas"] == 1)
                program.quiet()
    finally:
        control_plane.stop_environment(fresh)
