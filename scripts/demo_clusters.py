"""The demo's clusters: two API servers with controllers and scheduler on one etcd, and nodes that only pretend."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.tour import Tour
from tests.controlplane import plane
from tests.controlplane.environment import Environment
from tests.controlplane.nodes import add_nodes, cpu_node, gpu_node

GPUS = {"dev": ("Tesla-T4", 4), "staging": ("NVIDIA-L4", 3)}
"""Product and number of the devices on each environment's one GPU node."""

DRAFT = """\
apiVersion: yardarm.dev/v1alpha1
kind: Service
metadata: {name: qwen3-draft, team: nlp}
spec:
  image: "docker.io/vllm/vllm-openai@sha256:ec8207a3dde607f7867f8f5390915018488b877761306ffd4ef099f9b3ee16a1"
  ports: {http: 8000}
  health: {path: /health}
  accelerator: l4-24gb:2
  environments: {staging: {}}
"""
"""Within the team's budget of four, and more than the node has left."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Running environments; ``settings`` has for each its cluster's name and what the settings say that it is."""

    settings: dict[str, tuple[str, str]]
    programs: Path

    def edit_by_hand(self, tour: Tour) -> None:
        """Somebody scales a Deployment."""
        tour.run(
            "kubectl", "--kubeconfig", "../kubeconfig-dev", "--namespace", "agents-dev",
            "scale", "deployment/assistant-api", "--replicas=5",
        )  # fmt: skip

    def show_gpus(self, tour: Tour) -> None:
        """Pods on GPU nodes, and one that finds none."""
        tour.step("GPU pods run on the nodes with their devices, where the scheduler put them.")
        pods = (
            "kubectl",
            "--kubeconfig",
            "../kubeconfig-staging",
            "--namespace",
            "nlp-staging",
            "get",
            "pods",
        )
        columns = "custom-columns=NAME:.metadata.name,PHASE:.status.phase,NODE:.spec.nodeName,GPUS:.spec.containers[0].resources.limits.nvidia\\.com/gpu"
        tour.run(*pods, "--output", columns, says=[r"qwen3-8b-\S+ +Running +gpu-0 +1"])

        tour.step(
            "A model wants two more GPUs: its team may have them, but the cluster has them not. Status says so."
        )
        (tour.directory / "examples/02-model-server/qwen3-draft.yaml").write_text(DRAFT, encoding="utf-8")
        tour.say("(examples/02-model-server/qwen3-draft.yaml: accelerator: l4-24gb:2)")
        tour.run("git", "add", ".")
        tour.run("git", "commit", "--quiet", "--message", "A draft model")
        tour.yardarm(
            "sync",
            "-e",
            "staging",
            "--wait",
            "--timeout",
            "8",
            code=4,
            says=["Deployment/qwen3-draft +created"],
        )
        tour.yardarm(
            "status", "-e", "staging", says=[r"nlp/qwen3-draft +synced +Progressing", "Insufficient"]
        )


@contextlib.contextmanager
def started(home: Path, names: Mapping[str, str]) -> Iterator[Clusters]:
    """Start an environment for each name, with nodes; all of it is stopped in the end.

    Args:
        home: where kubeconfigs, logs and audit logs go.
        names: the name of each environment's cluster.
    """
    began = time.monotonic()
    _say("starting two API servers with controllers, schedulers and kwok on one etcd …")
    folder = home / "controlplane"
    folder.mkdir()
    running = plane.start(folder)
    try:
        environments = running.environments(*names)
        for each in environments:
            _prepare(each)
            (home / f"kubeconfig-{each.name}").symlink_to(each.kubeconfig)
        _say(f"started in {time.monotonic() - began:.0f} s, each with a GPU node and two others")
        settings = {
            each.name: (names[each.name], f"{{kubernetes: {{kubeconfig: kubeconfig-{each.name}}}}}")
            for each in environments
        }
        yield Clusters(settings, environments[0].kubectl.parent)
    finally:
        running.stop()


def _prepare(environment: Environment) -> None:
    """Nodes, and the namespace for Yardarm's own records."""
    product, count = GPUS[environment.name]
    with environment.api() as api:
        api.post("/api/v1/namespaces", {"metadata": {"name": "yardarm-system"}})
        add_nodes(
            api,
            [
                gpu_node("gpu-0", product=product, count=count),
                cpu_node("cpu-0"),
                cpu_node("cpu-1", zone="zone-b"),
            ],
        )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
