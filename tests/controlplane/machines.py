"""Machines of every vendor, out of machines.yaml: what the real scheduler has to tell apart."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.controlplane.client import Object
from tests.controlplane.nodes import node

MACHINES = Path(__file__).with_name("machines.yaml")
ZONES = ("a", "b", "c")
DISK = "4Ti"
RACK = "cloud.example.com/rack"


def machines() -> Mapping[str, dict[str, Any]]:
    """Return the catalogue, by name of the machine."""
    found: Mapping[str, dict[str, Any]] = yaml.safe_load(MACHINES.read_text(encoding="utf-8"))
    return found


def vendor_nodes() -> Iterator[Object]:
    """Return one node of each machine in each of three zones, named `<machine>-<zone>`."""
    for name, machine in machines().items():
        for zone in ZONES:
            resources = {"ephemeral-storage": DISK, **machine["resources"]}
            places = {"topology.kubernetes.io/region": "region-1", RACK: f"rack-{zone}"}
            yield node(
                f"{name}-{zone}",
                zone=f"zone-{zone}",
                labels={**places, **machine["labels"]},
                taints=machine.get("taints", []),
                resources={key: str(amount) for key, amount in resources.items()},
                arch=machine.get("arch", "amd64"),
            )


def resource_slices() -> Iterator[Object]:
    """Return what the drivers of dynamic resource allocation would publish of these nodes' devices."""
    for name, machine in machines().items():
        for zone in ZONES if "devices" in machine else ():
            yield _slice(f"{name}-{zone}", machine["devices"])


def _slice(node_name: str, devices: dict[str, Any]) -> Object:
    facts = {key: devices[key] for key in ("attributes", "capacity")}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceSlice",
        "metadata": {"name": node_name},
        "spec": {
            "driver": devices["driver"],
            "nodeName": node_name,
            "pool": {"name": node_name, "generation": 1, "resourceSliceCount": 1},
            "devices": [{"name": f"device-{number}", **facts} for number in range(devices["count"])],
        },
    }
