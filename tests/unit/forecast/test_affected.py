"""Which documents of the base are rendered again: those that changed, and whatever mentions one of them."""

import pytest

from tests.integration.engine import ROOT, TEAM, service
from tests.trees import MemoryTree
from yardarm_reconciler.load import load
from yardarm_reconciler.plan.affected import affected, touched

ENVIRONMENT = """
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec: {cluster: dev}
"""
BASE = {
    "yardarm.yaml": ROOT,
    "platform/dev.yaml": ENVIRONMENT,
    "platform/nlp.yaml": TEAM,
    "config/app.conf": "a: 1",
    "workloads/api.yaml": service("api"),
    "workloads/ui.yaml": service("ui", network={"egress": [{"workload": "api"}]}),
    "workloads/site.yaml": service("site", dependsOn=["Service/ui"]),
    "workloads/mounts.yaml": service("mounts", files={"/etc/app.conf": {"path": "config/app.conf"}}),
    "workloads/alone.yaml": service("alone"),
}


def told(**changed):
    """Names of what is affected, and of what is only needed for it; None where everything is."""
    names = {path.replace("/", "_").rpartition(".")[0]: path for path in BASE}
    head = MemoryTree(BASE | {names[name]: text for name, text in changed.items()})
    base = MemoryTree(BASE)
    memory = {}
    sides = load(base, cache=memory).value, load(head, cache=memory).value
    found = affected(*sides, touched(base.files(), head.files()))
    if found is None:
        return None
    context = {each.path.split("/")[1].removesuffix(".yaml") for each in found.context}
    return {id_.rpartition("/")[2] for id_ in found.ids}, context


@pytest.mark.parametrize(
    ("changed", "affects", "context"),
    [
        ({}, set(), set()),
        ({"workloads_alone": service("alone", image="x:2")}, {"alone"}, set()),
        ({"workloads_api": service("api", image="x:2")}, {"api", "ui", "site"}, set()),
        ({"workloads_site": service("site", dependsOn=["Service/ui"], image="x:2")}, {"site"}, {"ui", "api"}),
        ({"config_app": "a: 2"}, {"mounts"}, set()),
        ({"workloads_alone": service("new")}, {"alone", "new"}, set()),
    ],
)
def test_what_changed_affects_itself_and_whoever_mentions_it(changed, affects, context):
    """Transitively; what is mentioned is needed to render it, and no more."""
    assert told(**changed) == (affects, context)


@pytest.mark.parametrize("path", ["platform_dev", "platform_nlp", "yardarm"])
def test_a_change_of_the_platform_affects_everything(path):
    """Who may do what, and where, is part of every workload."""
    text = {
        "platform_dev": ENVIRONMENT.replace("cluster: dev", "cluster: other"),
        "platform_nlp": TEAM.replace("workloads/**", "**"),
        "yardarm": ROOT.replace("[platform, workloads]", "[platform, workloads, config]"),
    }

    assert told(**{path: text[path]}) is None
