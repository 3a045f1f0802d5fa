"""A plan in a file is what a sync of a real cluster does, object by object."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.harness import RECONCILER, Site
from yardarm_reconciler.cli import exits


def done_by(site: Site, code: int, *arguments: str) -> list[tuple[str, str, str]]:
    """Kind, name and action of all that a command changed, or a saved plan says."""
    ended = site.program(*arguments, "--format", "json")
    assert ended.returncode == code, ended.stderr
    (environment,) = json.loads(ended.stdout)["environments"]
    actions = [each for workload in environment["workloads"] for each in workload["actions"]]
    return sorted(named(each) for each in actions if each["action"] not in {"unchanged", "held"})


def named(action: dict) -> tuple[str, str, str]:
    """An action as tests compare it."""
    return action["object"]["kind"], action["object"]["name"], action["action"]


def planned(site: Site) -> tuple[Path, list[tuple[str, str, str]]]:
    """Save a plan."""
    file = site.folder / "plan.json"
    assert site.cli("diff", "-o", str(file))[0] == exits.FOUND
    return file, sorted(named(each) for each in json.loads(file.read_text())["steps"])


def test_a_sync_does_what_its_plan_says(site: Site):
    """Creates, a change, a repair, a replacement and a delete: nothing more and nothing less."""
    site.write(site.service("api"), site.service("old"), site.job("etl"))
    site.commit()
    file, first = planned(site)
    assert done_by(site, exits.FINE, "sync", "--plan", str(file)) == first
    site.until_quiet()  # while the first run goes on the next one waits for it

    site.write(
        site.service("api", env={"GREETING": "again"}), site.service("new"), site.job("etl", env={"A": "b"})
    )
    site.remove("old")
    site.commit()
    site.api.delete(site.path("services", "api"))
    file, second = planned(site)

    assert {action for _, _, action in second} >= {"created", "configured", "deleted"}
    assert done_by(site, exits.FINE, "sync", "--plan", str(file)) == second
    assert site.cli("diff")[0] == exits.FINE


def test_a_stale_plan_writes_nothing_to_a_cluster(site: Site):
    """Somebody edited an object after the plan was looked at: the audit log has no write of ours."""
    site.write(site.service("api"))
    site.commit()
    site.look()
    site.write(site.service("api", replicas=2))
    site.commit()
    file, _ = planned(site)
    site.api.patch(site.path("apps/deployments", "api"), {"spec": {"replicas": 5}})

    mark = site.audit.mark()
    code, _ = site.cli("sync", "--plan", str(file))

    assert code == exits.GUARDED
    writes = site.audit.since(mark).by(RECONCILER).writes()
    assert [each.uri for each in writes if each.resource != "leases"] == []
