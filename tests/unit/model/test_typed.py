"""From nodes to typed values, and problems at the token that is meant."""

from __future__ import annotations

import pytest

from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.model.typed import typed
from yardarm_schema.service import Service

CANARY = "canary-9f2c"


def problems(text):
    """Codes with line:column of what is wrong with a spec."""
    (node,) = compose("spec.yaml", f"image: a\n{text}\n".encode()).value
    return [f"{d.place.line}:{d.place.column} {d.code.name}" for d in typed(Service, node).diagnostics]


def first(text):
    """The first problem of a spec."""
    (node,) = compose("spec.yaml", f"image: a\n{text}\n".encode()).value
    return typed(Service, node, ("spec",)).diagnostics[0]


def test_a_right_spec_becomes_its_model():
    """Short forms and units are read."""
    (node,) = compose("spec.yaml", b"image: a/b:c\naccelerator: h100:2\nresources: {memory: 1Gi}").value
    found = typed(Service, node)
    assert found.diagnostics == ()
    assert (found.value.accelerator.count, found.value.resources.memory.value) == (2, 2**30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("replica: 3", ["2:1 field/unknown"]),
        ("resources:\n  cpus: 1", ["3:3 field/unknown"]),
        ("replicas: true", ["2:11 field/type"]),
        ('replicas: "3"', ["2:11 field/type"]),
        ("env:", ["2:1 field/type"]),
        ("env: {A: 1}", ["2:10 field/type"]),
        ("env: {1A: x}", ["2:7 name/invalid"]),
        ("env: {A: {secret: s}}", ["2:7 field/missing"]),
        ("env: {A: {secret: s, config: c, key: k}}", ["2:22 field/exclusive"]),
        ("env: {A: {key: k}}", ["2:7 field/required-one-of"]),
        ("volumes: {data: {size: 1Gi}}", ["2:11 field/missing"]),
        ("volumes: {data: {size: x, path: /x}}", ["2:24 field/invalid"]),
        ("volumes: {data: {path: /x, claim: c, secret: s}}", ["2:38 field/exclusive"]),
        ("run: x\ncommand: [x]", ["3:1 field/exclusive"]),
        ("command: [x]\nrun: x", ["3:1 field/exclusive"]),
        (
            "network:\n  egress:\n    - cidr: 10.0.0.0\n      ports: [0]",
            ["4:13 field/invalid", "5:15 field/invalid"],
        ),
        ("accelerator: {class: H100}", ["2:22 name/invalid"]),
        ("accelerator: h100:0", ["2:14 field/invalid"]),
        ("health: {grpc: 1}", ["2:16 field/type"]),
        ("command: []", ["2:10 field/invalid"]),
        ("environments: {dev: 1}", ["2:21 field/type"]),
        ("replica: 3\nreplicas: x", ["3:11 field/invalid", "2:1 field/unknown"]),
        ("replicas: 3\nscaling: {max: 3, metric: cpu, target: 70%}", ["3:1 field/exclusive"]),
        ("scaling: {max: 3, metric: cpu}", ["2:1 field/missing"]),
        ("scaling: {max: 3}", ["2:1 field/missing"]),
        ("scaling: {max: 3, metrics: []}", ["2:1 field/missing"]),
        ("scaling: {max: 3, target: 7, metrics: [{metric: cpu, target: 1}]}", ["2:30 field/exclusive"]),
        ("scaling: {max: 3, metrics: [{metric: lag, target: 1, cron: {}}]}", ["2:54 field/exclusive"]),
        ("scaling: {max: 3, metric: queuedepth, target: 5}", ["2:27 field/invalid"]),
        ("scaling: {max: 3, metric: {}, target: 5}", ["2:19 field/required-one-of"]),
    ],
)
def test_problem_is_at_the_token(text, expected):
    """The key where that is wrong, the value where that is, the parent where something is missing."""
    assert problems(text) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("replica: 3", "replicas"),
        ("depends_on: []", "dependsOn"),
        ("resources: {Memory: 1Gi}", "memory"),
        ("env: {A: {secret: s, kye: k}}", "key"),
        ("volumes: {a: {sice: 1Gi, path: /x}}", "size"),
        ("volumes: {a: {size: 1Gi, pth: /x}}", "path"),
        ("network: {egress: [{cidr: 10.0.0.0/8, prots: [1]}]}", "ports"),
        ("scheduling: {spread: nodes}", "node"),
    ],
)
def test_similar_names_are_suggested(text, name):
    """Of the fields of that very map, whatever form it has."""
    (node,) = compose("spec.yaml", f"image: a\n{text}\n".encode()).value
    assert f'did you mean "{name}"?' in [d.fix for d in typed(Service, node).diagnostics]


def test_look_alikes_are_shown_as_escapes():
    """A Cyrillic letter cannot pass for a Latin one."""
    assert "im\\u0430ge" in first("im\u0430ge: x").message


def test_field_is_the_path_in_the_document():
    """The root is that of the document, lists have indices."""
    assert first("network: {egress: [{cidr: 1}]}").field == "spec.network.egress[0].cidr"


@pytest.mark.parametrize(
    "text",
    [
        "replicas: {0}",
        "env: {{A: {{secret: {0}!, key: k}}}}",
        "image: {0}!!",
        "scheduling: {{spread: {0}}}",
        "rerun: {0}",
        "accelerator: {0}!",
        "ports: {{http: {0}}}",
        "health: {0}",
        "resources: {{cpu: {0}}}",
    ],
)
def test_values_are_never_repeated(text):
    """A value in the wrong place may be a secret."""
    (node,) = compose("spec.yaml", f"{text.format(CANARY)}\n".encode()).value
    found = typed(Service, node).diagnostics
    assert found
    assert CANARY not in repr(found)
