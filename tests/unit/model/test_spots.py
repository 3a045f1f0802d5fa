"""A field as a server names it leads to the field as we name it, or to none."""

import pytest

from yardarm_reconciler.model.fields import fields
from yardarm_reconciler.model.spots import spot

BODY = {
    "metadata": {"labels": {"app.kubernetes.io/name": "api", "app": "x"}},
    "spec": {
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": "http"}],
        "finalizers": ["keep", "data"],
        "containers": [
            {"name": "log", "args": ["--a"]},
            {
                "name": "main",
                "args": ["serve", "--port", "80", "--port", "81", "--fast"],
                "resources": {"limits": {"nvidia.com/gpu": "1"}},
                "command": ["sh"],
            },
        ],
    },
}


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("spec.containers[1].resources.limits[nvidia.com/gpu]", "spec.containers[main].resources.limits.nvidia.com/gpu"),
        ("spec.containers[1].resources.limits.nvidia.com/gpu", "spec.containers[main].resources.limits.nvidia.com/gpu"),
        ('.spec.containers[name="main"].command[0]', "spec.containers[main].command[0]"),
        ('spec.ports[port=80,protocol="TCP"].targetPort', "spec.ports[80/TCP].targetPort"),
        ('spec.finalizers["data"]', "spec.finalizers[1]"),
        ("metadata.labels.app.kubernetes.io/name", "metadata.labels.app.kubernetes.io/name"),
        ('metadata.labels["app"]', "metadata.labels.app"),
        ("spec.containers[1].args[0]", "spec.containers[main].args[0]"),
        ("spec.containers[1].args[2]", "spec.containers[main].args[--port]"),
        ("spec.containers[1].args[3]", "spec.containers[main].args[--port#2]"),
        ("spec.containers[1].args[5]", "spec.containers[main].args[--fast]"),
    ],
)  # fmt: skip
def test_a_field_is_found_however_it_is_named(path, leads_to):
    """By position, by keys, by value, in brackets, behind dots; and it is one that objects differ in."""
    assert spot(BODY, path) == leads_to
    assert leads_to in {each.path for each in fields({}, BODY)}


@pytest.mark.parametrize("path", ["spec.containers", "spec.containers[0]", "spec"])
def test_what_holds_others_is_found_too(path):
    """As the beginning of their names."""
    assert spot(BODY, path) == path.replace("[0]", "[log]")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "spec.replicas",
        "spec.containers[2]",
        "spec.containers[x]",
        "spec.containers.name",
        "spec.containers[0].name.more",
        'spec.containers[name="gone"]',
        "spec.contain",
        "spec.containers[0",
        "spec.ports[port=]",
    ],
)
def test_what_the_object_does_not_have_is_not_found(path):
    """Nothing near is taken for it."""
    assert spot(BODY, path) == ""
