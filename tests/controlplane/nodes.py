"""Nodes without machines: kwok keeps them Ready, and the real scheduler fills them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from tests.controlplane.client import Api, Object
from tests.controlplane.process import Process
from tests.controlplane.waiting import wait_until

PODS_PER_NODE = "110"  # the kubelet's default


def gpu_node(
    name: str,
    *,
    product: str,
    count: int = 8,
    resource: str = "nvidia.com/gpu",
    zone: str = "zone-a",
) -> Object:
    """Return a node with accelerators, tainted so that only pods that ask for them come.

    Args:
        name: the node's name.
        product: value of the label `<resource>.product`, as NVIDIA's feature discovery sets it.
        count: devices on the node.
        resource: the device's resource name, such as `amd.com/gpu`; also the taint's key.
        zone: value of topology.kubernetes.io/zone.
    """
    node = _node(
        name,
        labels={f"{resource}.product": product, "topology.kubernetes.io/zone": zone},
        capacity={"cpu": "128", "memory": "2Ti", "ephemeral-storage": "4Ti", resource: str(count)},
    )
    node["spec"] = {"taints": [{"key": resource, "value": "present", "effect": "NoSchedule"}]}
    return node


def cpu_node(name: str, *, zone: str = "zone-a") -> Object:
    """Return a plain node: 64 CPUs, 256 GiB, no taint."""
    capacity = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti"}
    return _node(name, labels={"topology.kubernetes.io/zone": zone}, capacity=capacity)


def add_nodes(api: Api, nodes: Iterable[Object], *, processes: Sequence[Process] = ()) -> None:
    """Create nodes and wait until pods can be placed on every one of them.

    Raises:
        RefusedError: the API server refused a node, such as one that exists.
        NotReadyError: a node was not Ready within 60 seconds.
        ExitedError: one of `processes` ended meanwhile.
    """
    names = [api.post("/api/v1/nodes", node)["metadata"]["name"] for node in nodes]
    for name in names:
        wait_until(f"node {name} ready", partial(_takes_pods, api, name), processes)


def _takes_pods(api: Api, name: str) -> bool:
    """Whether the node is Ready and the controllers have taken their not-ready taint off it."""
    node = api.get(f"/api/v1/nodes/{name}") or {}
    ready = any(
        (each["type"], each["status"]) == ("Ready", "True")
        for each in node.get("status", {}).get("conditions", [])
    )
    taints = {each["key"] for each in node.get("spec", {}).get("taints", [])}
    return ready and "node.kubernetes.io/not-ready" not in taints


def _node(name: str, *, labels: Mapping[str, str], capacity: Mapping[str, str]) -> Object:
    resources = {**capacity, "pods": PODS_PER_NODE}
    standard = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "type": "kwok",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {**standard, **labels},
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "status": {"capacity": resources, "allocatable": resources},
    }
