"""Where rendered values come from: of this repository's examples, and of specs made for one question."""

import re
from functools import cache

import pytest

from tests.integration.engine import ROOT, TEAM, service
from tests.rendering import own_repository
from tests.trees import MemoryTree
from yardarm_reconciler.load import load
from yardarm_reconciler.model.node import descend
from yardarm_reconciler.pipeline import desired_in, specs_in
from yardarm_reconciler.provenance import trace
from yardarm_reconciler.provenance.documents import leaves

ENVIRONMENT = """
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec:
  cluster: dev
  accelerators:
    l4-24gb:
      resource: nvidia.com/gpu
      nodes: {nvidia.com/gpu.product: [NVIDIA-L4]}
      tolerate: [nvidia.com/gpu]
      perDevice: {cpu: 6, memory: 24Gi}
    t4-16gb: {resource: nvidia.com/gpu}
  priorities: {high: {pod: ai-high}}
  defaults: {shutdown: {grace: 45s}}
  limits: {accelerators: {total: 64}}
"""
CLASSES = """
apiVersion: yardarm.dev/v1alpha1
kind: AcceleratorClass
metadata: {name: l4-24gb}
spec: {vendor: nvidia, type: gpu, memory: 24Gi}
---
apiVersion: yardarm.dev/v1alpha1
kind: AcceleratorClass
metadata: {name: t4-16gb}
spec: {vendor: nvidia, type: gpu, memory: 16Gi}
"""
API = service(
    "api",
    accelerator="l4-24gb:2",
    args=["--port=80", "--api-key=correct-horse"],
    env={"LOG_LEVEL": "info", "API_TOKEN": "open sesame"},
    network={"egress": [{"workload": "store"}]},
    scheduling={"priority": "high"},
    health={"path": "/ready"},
)
POD = "spec.template.spec"
MAIN = f"{POD}.containers[main]"


def traced(environment, id_, files=None):
    """By kind and path, each value of a workload's manifests."""
    tree = own_repository() if files is None else MemoryTree(files)
    found = trace(desired_in(specs_in(load(tree)), environment), id_)
    return found, {(each.key.kind, leaf.path): leaf for each in found.objects for leaf in each.leaves}


@cache
def api():
    """A server that asks for a little of everything, and one that it may talk to."""
    files = {
        "yardarm.yaml": ROOT,
        "platform/dev.yaml": ENVIRONMENT,
        "platform/classes.yaml": CLASSES,
        "platform/nlp.yaml": TEAM,
        "workloads/api.yaml": API,
        "workloads/store.yaml": service("store"),
        "workloads/other.yaml": service("other", accelerator="t4-16gb"),
    }
    return traced("dev", "Service/nlp/api", files)


@pytest.mark.parametrize(
    ("path", "sources"),
    [
        (f"{MAIN}.image", ["spec.image"]),
        (f"{MAIN}.resources.limits.nvidia.com/gpu", ["spec.accelerator"]),
        (
            f"{MAIN}.resources.requests.cpu",
            ["Environment.accelerators.l4-24gb.perDevice.cpu", "spec.accelerator"],
        ),
        (f"{MAIN}.resources.limits.memory", ["spec.resources.memory"]),
        (f"{MAIN}.env[LOG_LEVEL].value", ["spec.env.LOG_LEVEL"]),
        (f"{MAIN}.args[--port]", ["spec.args[0]"]),
        (f"{MAIN}.ports[http].containerPort", ["spec.ports.http"]),
        (f"{MAIN}.readinessProbe.httpGet.path", ["spec.health.path"]),
        (f"{POD}.priorityClassName", ["Environment.priorities.high.pod"]),
        (f"{POD}.terminationGracePeriodSeconds", ["Environment.defaults.shutdown.grace"]),
        ("spec.replicas", ["Yardarm's default for Service: spec.replicas"]),
        ("spec.strategy.rollingUpdate.maxSurge", ["Yardarm's default for Service: spec.rollout.surge"]),
        ("metadata.labels.yardarm.dev/team", ["metadata.team", "Team.metadata.name"]),
        ("metadata.labels.yardarm.dev/environment", ["Environment.metadata.name"]),
        ("metadata.annotations.yardarm.dev/origin", ["the file of the spec"]),
    ],
)
def test_a_value_comes_from_what_would_make_it_another(path, sources):
    """What somebody wrote first, and of that what changes least besides."""
    leaf = api()[1]["Deployment", path]

    assert [each.name for each in leaf.sources] == sources


@pytest.mark.parametrize(
    ("path", "because"),
    [
        (f"{MAIN}.env[LOG_LEVEL].name", "spec.env.LOG_LEVEL"),
        (f"{MAIN}.livenessProbe.timeoutSeconds", "spec.health"),
        (f"{POD}.tolerations[nvidia.com/gpu].operator", "Environment.accelerators.l4-24gb.tolerate[0]"),
    ],
)
def test_a_value_of_yardarms_own_may_be_there_for_a_reason(path, because):
    """The innermost entry without which it would not be there."""
    leaf = api()[1]["Deployment", path]

    assert (leaf.sources, leaf.because[0].name) == ((), because)


def test_what_no_file_changes_is_yardarms_own():
    """The same in every such object."""
    leaf = api()[1]["Deployment", f"{POD}.automountServiceAccountToken"]

    assert (leaf.sources, leaf.because) == ((), ())


def test_nothing_comes_from_what_another_workload_says():
    """A workload that is only mentioned, or not even that, is no source."""
    places = {s.place.path for leaf in api()[1].values() for s in (*leaf.sources, *leaf.because)}

    assert places - {""} == {"workloads/api.yaml", "platform/dev.yaml", "platform/nlp.yaml"}


def test_a_secret_is_neither_shown_as_a_value_nor_as_its_source():
    """The place is told, and that is enough."""
    told = str(api()[0])

    assert "correct-horse" not in told
    assert "open sesame" not in told
    (source,) = api()[1]["Deployment", f"{MAIN}.args[--api-key]"].sources
    assert (source.value, source.name) == ("--api-key=***", "spec.args[1]")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "id_"),
    [
        ("production", "Service/nlp/qwen3-8b"),
        ("production", "ModelService/serving/fraud"),
        ("production", "StreamProcessor/search/embedder"),
        ("dev", "BatchJob/search/embed-corpus"),
        ("staging", "Team/nlp"),
    ],
)
def test_a_text_of_a_spec_that_is_rendered_is_told_as_its_source(environment, id_):
    """Every value of an example that equals one long text of its spec comes from there, and all could be traced."""
    found, by_path = traced(environment, id_)
    document = next(
        each for each in load(own_repository()).value.documents if _name(each) == id_.split("/")[-1]
    )
    texts = [str(node.value) for path, node in leaves(document.node) if path[0] in {"metadata", "spec"}]
    unique = {text for text in texts if texts.count(text) == 1 and re.search(r"\w{6}", text)}

    assert found.untraced == ()
    assert not {
        path for path, leaf in by_path.items() if leaf.value in unique and not _is_told(leaf, document.path)
    }


def _name(document):
    return descend(document.node, ("metadata", "name"))[0].value


def _is_told(leaf, path):
    return any(source.place.path == path for source in leaf.sources)


FORCED = {
    # Pools of roles need this router, and a runtime that knows them.
    "ModelService/nlp/reasoner": {"spec.runtime", "spec.router", "Runtime vllm.extends"},
    # Fields of a step that only a training has.
    "Pipeline/research/distill": {"spec.steps.learn.kind"},
    "Pipeline/research/weekly-refresh": {"spec.steps.train.kind"},
    # The one file that there is.
    "RawResources/research/score-all": {"spec.manifests[0].path"},
    # Pods of several nodes write to one volume.
    "TrainingJob/research/grpo": {"spec.volumes.weights.access"},
    "TrainingJob/research/pretrain-7b": {"spec.volumes.state.access"},
    "TrainingJob/research/pretrain-vision": {"spec.volumes.state.access"},
    # Nodes times devices are the topology, or it is refused.
    "TrainingJob/research/maxtext": {
        "spec.nodes",
        "spec.accelerator.count",
        "spec.accelerator.topology",
        "spec.volumes.state.access",
    },
}
"""Values for which the rest of the spec allows no other, one at a time."""


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("environment", ["dev", "staging", "production", "training"])
def test_every_value_of_every_example_can_be_traced(environment):
    """No spec of an example holds a value of which nobody knows what it leads to, unless it is forced."""
    desired = desired_in(specs_in(load(own_repository())), environment)

    untraced = {
        each.id: {source.name for source in trace(desired, each.id).untraced} - FORCED.get(each.id, set())
        for each in desired.workloads
    }

    assert {id_: names for id_, names in untraced.items() if names} == {}
