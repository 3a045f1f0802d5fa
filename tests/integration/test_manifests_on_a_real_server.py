"""What is rendered, a real cluster takes: every object strictly, every pod onto a machine.

Our own platform, and each folder in `examples/` or in the cases of expansion is proven as soon as it is there. What its pods need of others, such
as an account that exists, stands in its `cluster.yaml`, as objects without a namespace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import orjson
import pytest
import yaml

from tests.controlplane.client import Api, Object
from tests.controlplane.custom_resources import install_for
from tests.controlplane.discovery import discover
from tests.controlplane.environment import Environment
from tests.integration.acceptance import Subject, Verdict, prove
from tests.rendering import REPOSITORY, Rendered, own_repository, render
from tests.trees import MemoryTree, of_directory
from yardarm_reconciler.expand.names import BY_ENGINE
from yardarm_reconciler.model.namespace import pod_security

EXAMPLES, OWN_PLATFORM = REPOSITORY / "examples", REPOSITORY / "environments"
CASES = [
    REPOSITORY / "tests" / "cases" / stage
    for stage in (
        "expand",
        "expand_around",
        "expand_declared",
        "expand_devices",
        "expand_fetch",
        "expand_patch",
        "expand_raw",
        "expand_routes",
        "expand_serving",
        "expand_team",
    )
]
PLATFORM, GIVEN = "_platform", "cluster.yaml"
FOLDERS = [
    OWN_PLATFORM,
    *(
        folder
        for root in (EXAMPLES, *CASES)
        for folder in sorted(root.iterdir())
        if folder.is_dir() and folder.name != PLATFORM
    ),
]


def subjects(folder: Path) -> Iterator[Subject]:
    """What a folder says, in every environment of its tree."""
    if folder.parent in CASES:
        inside = ""
        platform = of_directory(folder.parent / PLATFORM)
        renderings = renders(MemoryTree({**platform.contents, **of_directory(folder).contents}))
    else:
        inside = f"{folder.relative_to(REPOSITORY).as_posix()}/"
        renderings = of_own_repository()
    for rendered in renderings:
        found = [each for each in rendered.workloads if each.origin.path.startswith(inside)]
        manifests = tuple(item for each in found for item in each.manifests)
        levels = {
            each.namespace: pod_security(each.environment, each.environment_name, each.team_spec)
            for each in rendered.resolution.workloads
        }
        yield Subject(
            folder.name, manifests, rendered.manifests, given(folder), levels, rendered.resolution.accounting
        )


@cache
def of_own_repository() -> tuple[Rendered, ...]:
    """This repository in all its environments."""
    return renders(own_repository())


def renders(tree: MemoryTree) -> tuple[Rendered, ...]:
    """A tree in all its environments."""
    texts = [
        text
        for path, text in tree.contents.items()
        if path.startswith("environments/") and path.endswith(".yaml")
    ]
    documents = [each for text in texts for each in yaml.safe_load_all(text)]
    names = sorted(each["metadata"]["name"] for each in documents if each["kind"] == "Environment")
    return tuple(render(tree, name) for name in names)


def given(folder: Path) -> tuple[Object, ...]:
    """What is there before."""
    file = folder / GIVEN
    return tuple(yaml.safe_load_all(file.read_text())) if file.exists() else ()


@pytest.fixture(scope="module")
def verdicts(request: pytest.FixtureRequest, platform: Environment) -> Mapping[str, Verdict]:
    """Of all folders that this run asks for, at once."""
    items = [item for item in request.session.items if item.path == request.path]
    calls = [getattr(item, "callspec", None) for item in items]
    folders = {call.params["folder"] for call in calls if call and "folder" in call.params}
    return prove(platform, [subject for folder in sorted(folders) for subject in subjects(folder)])


@pytest.mark.timeout(600)  # the first one waits for the verdicts on all
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_cluster_takes_what_is_rendered(verdicts: Mapping[str, Verdict], folder: Path):
    """Each object is accepted without a warning, each pod is admitted and finds a machine."""
    assert verdicts[folder.name] == Verdict()


def expected(folder: Path) -> list[Path]:
    """What a case is to render: of all environments in one file, or of each in its own."""
    return [*folder.glob("expected.yaml"), *folder.glob("expected/*.yaml")]


SCHEDULED = [
    folder
    for folder in FOLDERS
    if b"CronWorkflow" in b"".join(file.read_bytes() for file in expected(folder))
]


@pytest.mark.parametrize("folder", SCHEDULED, ids=lambda path: path.name)
def test_a_cluster_takes_what_a_workflow_will_make(platform: Environment, folder: Path):
    """Argo applies it only when its time has come: each object is accepted strictly now."""
    made = [
        orjson.loads(each["resource"]["manifest"].replace(BY_ENGINE, "begun-1"))
        for file in expected(folder)
        for workflow in yaml.safe_load_all(file.read_text())
        if workflow and workflow["kind"] == "CronWorkflow"
        for each in workflow["spec"]["workflowSpec"]["templates"]
        if "resource" in each
    ]
    install_for(platform, [each["apiVersion"] for each in made])
    with platform.api() as api:
        served = discover(api)
        for body in made:
            body["metadata"]["namespace"] = "default"
            answer = api.apply(served.path(body, "default"), body, fieldValidation="Strict", dryRun="All")
            assert answer.status in (200, 201), answer.message
    assert made


SWITCHING = """
apiVersion: yardarm.dev/v1alpha1
kind: Service
metadata: {name: switching, team: nlp}
spec:
  image: ghcr.io/huggingface/tei@sha256:%s
  resources: {memory: 1Gi}
  ports: {http: 8080}
  health: {path: /health}
  replicas: 0
  environments: {production: {}}
""" % ("0" * 64)
WITH_STORAGE = "  volumes: {data: {path: /data, size: 1Gi}}\n"


def test_a_server_may_gain_and_lose_storage_of_a_single_writer(api: Api, namespace: str):
    """Its strategy changes between rolling and recreating, and the server accepts either way."""
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/switching"
    for extra, strategy in (("", "RollingUpdate"), (WITH_STORAGE, "Recreate"), ("", "RollingUpdate")):
        tree = own_repository()
        spec = {"examples/02-model-server/switching.yaml": (SWITCHING + extra).encode()}
        item = render(MemoryTree({**tree.contents, **spec}), "production").one("Deployment", "switching")
        body = {**item.body, "metadata": {**item.body["metadata"], "namespace": namespace}}
        answer = api.apply(path, body, fieldValidation="Strict", force=True)
        assert answer.status in (200, 201), answer.message
        assert answer.body["spec"]["strategy"]["type"] == strategy
