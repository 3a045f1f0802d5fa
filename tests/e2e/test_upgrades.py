"""Another version of the program restarts what runs a few at a time, and no more of it where that goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site
from yardarm_reconciler import pipeline
from yardarm_reconciler.model.change import State
from yardarm_reconciler.model.manifest import Manifest, manifest

BROKEN = {"nodeSelector": {"example.com/nowhere": "true"}}
MENDED = {"terminationGracePeriodSeconds": 41}


@pytest.fixture
def renders(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, Any]], None]:
    """Makes the program one that renders something else into every pod."""
    render = pipeline.expand

    def change(pods: Mapping[str, Any]) -> None:
        def changed(made: Manifest) -> Manifest:
            if made.key.kind != "Deployment":
                return made
            template = made.body["spec"]["template"]
            other = {**template, "spec": {**template["spec"], **pods}}
            return manifest({**made.body, "spec": {**made.body["spec"], "template": other}}, made.origin)

        def other(resolution: object, before: object = None) -> object:
            found = render(resolution, before)
            workloads = [replace(each, manifests=tuple(map(changed, each.manifests))) for each in found.value]
            return replace(found, value=tuple(workloads))

        monkeypatch.setattr(pipeline, "expand", other)

    return change


@pytest.mark.slow
def test_a_version_under_which_pods_do_not_start_stops_at_the_first(site: Site, renders):
    """The next one waits for the first to be well, in the next process too; a version that is better goes on."""
    site.sync = {"upgrade": {"mode": "apply", "workloads": 1, "every": "0s"}}
    site.write(site.service("api"), site.service("web"))
    site.commit()
    site.until_quiet()
    api, web = f"Service/{site.team}/api", f"Service/{site.team}/web"

    renders(BROKEN)
    first = site.start(renderer="2")()
    wait_until("it is seen to fail", lambda: site.look().of(api).health.state is not State.HEALTHY)
    later = [site.look(), site.start(renderer="2")(), site.look()]
    assert first.objects == ["patch deployments/api"]
    assert [each.objects for each in later] == [[], [], []]
    assert later[-1].guard("turn").ids == (web,)

    renders(MENDED)
    done = [site.start(renderer="3")()]
    wait_until("all are restarted", lambda: not done.append(site.look()) and not done[-1].report.guards)
    assert [line for each in done for line in each.objects] == [
        "patch deployments/api",
        "patch deployments/web",
    ]
