"""Nodes without machines: kwok keeps them Ready, and the real scheduler fills them."""

from collections.abc import Iterable, Mapping, Sequence

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
    return node(
        name,
        zone=zone,
        labels={f"{resource}.product": product},
        taints=[resource],
        resources={"cpu": "128", "memory": "2Ti", "ephemeral-storage": "4Ti", resource: str(count)},
    )


def cpu_node(name: str, *, zone: str = "zone-a") -> Object:
    """Return a plain node: 64 CPUs, 256 GiB, no taint."""
    resources = {"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti"}
    return node(name, zone=zone, labels={}, taints=[], resources=resources)


def node(
    name: str,
    *,
    zone: str,
    labels: Mapping[str, str],
    taints: Iterable[str],
    resources: Mapping[str, str],
    arch: str = "amd64",
) -> Object:
    """Return a node.

    Args:
        name: its name and host name.
        zone: value of topology.kubernetes.io/zone.
        labels: more labels, or other values of those that every node has.
        taints: keys; the value is "present", the effect NoSchedule.
        resources: its capacity, all of it for pods, but for the number of pods.
        arch: value of kubernetes.io/arch.
    """
    standard = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": arch,
        "topology.kubernetes.io/zone": zone,
        "type": "kwok",
    }
    capacity = {**resources, "pods": PODS_PER_NODE}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {**standard, **labels},
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "spec": {"taints": [{"key": key, "value": "present", "effect": "NoSchedule"} for key in taints]},
        "status": {"capacity": capacity, "allocatable": capacity},
    }


def add_nodes(api: Api, nodes: Iterable[Object], *, processes: Sequence[Process] = ()) -> None:
    """Create nodes and wait until pods can be placed on every one of them.

    Raises:
        RefusedError: the API server refused a node, such as one that exists.
        NotReadyError: they were not all Ready within 60 seconds.
        ExitedError: one of `processes` ended meanwhile.
    """
    names = {api.post("/api/v1/nodes", each)["metadata"]["name"] for each in nodes}

    def ready() -> bool:
        return names <= {each["metadata"]["name"] for each in api.list("/api/v1/nodes") if _takes_pods(each)}

    wait_until(f"{len(names)} nodes ready", ready, processes)


def _takes_pods(found: Object) -> bool:
    """Whether a node is Ready and the controllers have taken their not-ready taint off it."""
    ready = any(
        (each["type"], each["status"]) == ("Ready", "True") for each in found["status"].get("conditions", [])
    )
    taints = {each["key"] for each in found["spec"].get("taints", [])}
    return ready and "node.kubernetes.io/not-ready" not in taints
