"""This repository's own examples, in all three of its environments, on a real API server."""

from itertools import product

import pytest
import yaml

from tests.controlplane.configuration import platform
from tests.controlplane.custom_resources import install_for
from tests.controlplane.discovery import discover
from tests.controlplane.environment import Environment
from tests.controlplane.equipment import apply_all
from tests.controlplane.nodes import add_nodes, cpu_node, gpu_node
from tests.e2e.harness import Site
from tests.rendering import OWN_SPECS, REPOSITORY, Rendered, own_repository, render
from tests.trees import of_directory
from yardarm_reconciler.model.change import Action, Sync

CLUSTERS = {"dev": "dev", "staging": "staging-eu", "production": "prod-eu", "training": "train-eu"}
UNATTENDED = {
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "JobSet",
    "LeaderWorkerSet",
    "LocalQueue",
    "RayJob",
    "ScaledObject",
    "SecurityPolicy",
    "TrainJob",
    "Workflow",
}
"""Nobody measures here, and of other projects only the kinds are there: these wait, and say so, when all else is well."""
NOT_BEGUN = {"0 of 1 groups updated", "not started yet"}
"""What is said of sets and of runs: they are what their workload runs, so that their kind goes without saying."""

GPUS = {
    "dev": "Tesla-T4",
    "staging": "NVIDIA-L4",
    "production": "NVIDIA-H100-80GB-HBM3",
    "training": "NVIDIA-L4",
}


@pytest.fixture(scope="session")
def equipped(ready: Environment) -> None:
    """Nodes with the devices that the three environments bind, and the kinds of other projects that they have."""
    versions = {m.api_version for each in CLUSTERS for m in render(own_repository(), each).manifests}
    install_for(ready, versions)
    with ready.api() as api:
        apply_all(api, [each for each in platform() if each["kind"] == "StorageClass"])
        add_nodes(api, [gpu_node(f"e2e-{name}", product=product, count=16) for name, product in GPUS.items()])
        # The examples of all environments stay until the cluster ends: they must not take the room of other tests.
        add_nodes(api, [cpu_node(f"e2e-examples-{number}") for number in range(4)])


def bring(environment: Environment, rendered: Rendered) -> None:
    """Put into the namespaces that there are now what examples find in a cluster."""
    with environment.api() as api:
        for file in sorted(REPOSITORY.glob("examples/*/cluster.yaml")):
            inside = f"{file.parent.relative_to(REPOSITORY).as_posix()}/"
            found = [each.namespace for each in rendered.workloads if each.origin.path.startswith(inside)]
            for namespace, body in product(set(found), yaml.safe_load_all(file.read_text())):
                api.apply(discover(api).path(body, namespace), body, force=True)


@pytest.mark.usefixtures("equipped")
@pytest.mark.parametrize("environment", CLUSTERS)
def test_every_example_is_accepted_and_stays(site: Site, environment: str):
    """All objects are created under strict validation and "restricted" pods run; then nothing is written any more."""
    site.environment, site.cluster = environment, CLUSTERS[environment]
    site.commit_only(of_directory(REPOSITORY, *OWN_SPECS).contents)
    first = site.look()
    rendered = render(own_repository(), environment)
    expected = {m.key for m in rendered.manifests}
    waiting = {each.id for each in rendered.workloads if UNATTENDED & {m.key.kind for m in each.manifests}}
    refused = first.changes(Action.FAILED, Action.CONFLICT)
    assert refused == []
    bring(site.dev, rendered)

    quiet = site.until_quiet(but=waiting)
    assert {
        each.health.reason.partition("/")[0] for each in quiet.report.workloads if each.id in waiting
    } <= UNATTENDED | NOT_BEGUN
    live = {change.key for change in quiet.changes(Action.UNCHANGED)}
    assert live == expected
    assert {each.sync for each in quiet.report.workloads} == {Sync.SYNCED}
    assert quiet.report.guards == ()
    assert site.look().writes == []
    assert site.start()().writes == []
    done = site.program("sync")
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.start()().writes == []
