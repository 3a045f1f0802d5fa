"""What there is in clusters, for screens and schemas: trees of objects, what happened to them, and what stands in the way."""

from datetime import timedelta

from tests.unit.report.samples import HEALTHY, NOW
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.report.doctor import Finding, Mark
from yardarm_reconciler.report.events import Happening
from yardarm_reconciler.report.tree import Node, Tree

SPACE = "nlp-production"
REPLICA_SET = "qwen3-32b-7c9d"


def pod(name: str, health: Health, machine: str = "", **devices: int) -> Node:
    """A pod of the model."""
    held = {"nvidia.com/gpu": devices["gpu"]} if devices else {}
    key = Key("", "Pod", SPACE, f"{REPLICA_SET}-{name}")
    return Node(key, health, NOW - timedelta(minutes=4), machine=machine, devices=held)


TREES = (
    Tree(
        "ModelService/nlp/qwen3-32b",
        Place("workloads/nlp/qwen3.yaml", 1, 1),
        "e4f5a6b" + "0" * 33,
        (
            Node(Key("", "ServiceAccount", SPACE, "qwen3-32b"), HEALTHY, NOW - timedelta(days=3)),
            Node(
                Key("", "PersistentVolumeClaim", SPACE, "qwen3-32b-old"),
                HEALTHY,
                NOW - timedelta(days=30),
                "git no longer has it; it holds data and stays",
            ),
            Node(
                Key("apps", "Deployment", SPACE, "qwen3-32b"),
                Health(State.PROGRESSING, "1 of 2 replicas available"),
                NOW - timedelta(days=3),
                made=(
                    Node(
                        Key("apps", "ReplicaSet", SPACE, REPLICA_SET),
                        Health(State.PROGRESSING, "1 of 2 replicas ready"),
                        NOW - timedelta(hours=3),
                        made=(
                            pod("8hkq2", Health(State.DEGRADED, "Pending: 0/5 nodes \x1b[2Jare available")),
                            pod("x2x4l", HEALTHY, "gpu-1", gpu=4),
                        ),
                    ),
                ),
            ),
            Node(Key("", "Service", SPACE, "qwen3-32b"), Health(State.MISSING)),
        ),
    ),
    Tree(
        "BatchJob/nlp/embed",
        Place("workloads/nlp/embed.yaml", 4, 1),
        "e4f5a6b" + "0" * 33,
        (
            Node(
                Key("batch", "Job", SPACE, "embed-0a1b2c3d"),
                Health(State.PROGRESSING, "12 active, 0 of 12 done"),
                NOW - timedelta(minutes=4),
                made=tuple(pod(f"e{number:02}", HEALTHY, f"gpu-{number}", gpu=1) for number in range(12)),
            ),
        ),
    ),
)

HAPPENED = (
    Happening(
        "ModelService/nlp/qwen3-32b",
        "Normal",
        "ScalingReplicaSet",
        "Scaled up replica set qwen3-32b-7c9d from 0 to 2",
        (Key("apps", "Deployment", SPACE, "qwen3-32b"),),
        1,
        NOW - timedelta(hours=3),
        NOW - timedelta(hours=3),
    ),
    Happening(
        "ModelService/nlp/qwen3-32b",
        "Warning",
        "FailedScheduling",
        "0/5 nodes are available: \x1b[2J5 Insufficient nvidia.com/gpu\n::error::not a command",
        tuple(Key("", "Pod", SPACE, f"{REPLICA_SET}-{name}") for name in ("8hkq2", "x2x4l", "p0p0p")),
        12,
        NOW - timedelta(hours=3),
        NOW - timedelta(minutes=4),
    ),
)

MACHINE = (
    Finding("git", Mark.FINE, "2.39.5"),
    Finding(
        "settings", Mark.WRONG, "settings.yaml:3:1: error[field/unknown] \x1b[2Jno such field", "remove it"
    ),
)
EXAMINED = {
    "production": (
        Finding(
            "cluster", Mark.FINE, "Kubernetes v1.37.2, where we are system:serviceaccount:yardarm:yardarm"
        ),
        Finding(
            "capabilities",
            Mark.NOTE,
            "keda is declared, but the cluster does not serve keda.sh",
            "install it, or remove it from environments/production/environment.yaml:9:18",
        ),
        Finding(
            "rights",
            Mark.WRONG,
            "may not patch networkpolicies.networking.k8s.io in nlp-production",
            'give our account a Role there with: {apiGroups: ["networking.k8s.io"], verbs: [patch]}',
        ),
    )
}
