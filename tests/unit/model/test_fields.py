"""The fields in which two objects differ: named as a reader would, without noise, without secrets."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.model.change import FieldChange
from yardarm_reconciler.model.fields import fields, strip
from yardarm_reconciler.model.manifest import canonical

CANARY = "c4narySecretValue0123456789"


def deployment(**container):
    """A Deployment of one container."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "qwen3-32b"},
        "spec": {"template": {"spec": {"containers": [{"name": "main", **container}]}}},
    }


def changes(before, after):
    """Differences of two containers, with the way to the container left out."""
    found = fields(deployment(**before), deployment(**after))
    return [(c.path.removeprefix("spec.template.spec.containers[main]."), c.before, c.after) for c in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            {"resources": {"limits": {"nvidia.com/gpu": "2"}}},
            {"resources": {"limits": {"nvidia.com/gpu": 4}}},
            [("resources.limits.nvidia.com/gpu", '"2"', "4")],
        ),
        ({"args": ["--port=80", "--tp=2"]}, {"args": ["--port=80", "--tp=4"]}, [("args[--tp]", "2", "4")]),
        (
            {"args": ["--tp", "2"]},
            {"args": ["--verbose", "--tp", "4"]},
            [("args[--tp]", "2", "4"), ("args[--verbose]", "", "true")],
        ),
        ({"args": ["--a=1", "--a=2"]}, {"args": ["--a=1", "--a=3"]}, [("args[--a#2]", "2", "3")]),
        ({"args": ["a", "b"]}, {"args": ["b", "a"]}, [("args[0]", "a", "b"), ("args[1]", "b", "a")]),
        (
            {"args": ["--a=1", "--b=1"]},
            {"args": ["--b=1", "--a=1"]},
            [("args (order)", "[--a], [--b]", "[--b], [--a]")],
        ),
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "LEVEL", "value": "info"}]},
            {"env": [{"name": "LEVEL", "value": "debug"}]},
            [("env[A].name", "A", ""), ("env[A].value", "1", ""), ("env[LEVEL].value", "info", "debug")],
        ),
        (
            {"ports": [{"containerPort": 80, "protocol": "TCP"}]},
            {"ports": [{"containerPort": 80, "protocol": "UDP"}]},
            [
                ("ports[80/TCP].containerPort", "80", ""),
                ("ports[80/TCP].protocol", "TCP", ""),
                ("ports[80/UDP].containerPort", "", "80"),
                ("ports[80/UDP].protocol", "", "UDP"),
            ],
        ),
        ({"tty": True}, {}, [("tty", "true", "")]),
        ({"image": ""}, {"image": "a"}, [("image", '""', "a")]),
        ({"env": []}, {}, [("env", "[]", "")]),
    ],
)
def test_a_difference_is_named_as_a_reader_would(before, after, expected):
    """Items by name, arguments by flag, both values; nothing for what is absent."""
    assert changes(before, after) == expected


def test_what_servers_write_is_no_difference():
    """Versions, times, managed fields, status and last-applied say nothing of what anybody wants."""
    noise = {
        "resourceVersion": "7",
        "uid": "u",
        "generation": 2,
        "managedFields": [{}],
        "creationTimestamp": "t",
    }
    annotations = {
        "kubectl.kubernetes.io/last-applied-configuration": CANARY,
        "deployment.kubernetes.io/revision": "3",
    }
    body = deployment(image="a")
    live = body | {
        "metadata": body["metadata"] | noise | {"annotations": annotations},
        "status": {"replicas": 1},
    }

    assert fields(body, live) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"env": [{"name": "HF_TOKEN", "value": "x"}]}, {"env": [{"name": "HF_TOKEN", "value": CANARY}]}),
        ({"env": [{"name": "X", "value": "x"}]}, {"env": [{"name": "X", "value": CANARY}]}),
        (
            {"env": [{"name": "URL", "value": "x"}]},
            {"env": [{"name": "URL", "value": "redis://me:c4nary@db:1/"}]},
        ),
        ({"args": ["--api-key=x"]}, {"args": ["--api-key=c4nary"]}),
        ({"args": ["--api-key", "x"]}, {"args": ["--api-key", "c4nary"]}),
        ({"args": ["-pc4nary"]}, {"args": ["-pc4naryToken=1"]}),
        ({"command": ["sh", "-ec", "true"]}, {"command": ["sh", "-ec", "export DB_PASSWORD=c4nary; run"]}),
        ({"image": "a"}, {"image": "https://me:c4nary@example.com/x"}),
    ],
)
def test_a_value_that_may_be_secret_is_hidden(before, after):
    """Neither in values nor in the names of fields; that it differs is told."""
    found = fields(deployment(**before), deployment(**after))

    assert found
    assert all(change.after in {"*** (after)", ""} for change in found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKENIZERS_PARALLELISM", "false"),
        ("MODEL", "9216db5781bf21249d130ec9da846c4624c16137"),
        ("PEERS", "embedder-0.embedder.search-production.svc.cluster.local"),
        ("IMAGE", "registry.example.com/models/qwen3-32b-instruct:2026"),
        ("LOG_LEVEL", "debug"),
    ],
)
def test_a_plain_value_is_shown(name, value):
    """What is of use in a review is not hidden without cause."""
    (change,) = fields(
        deployment(env=[{"name": name, "value": "x"}]), deployment(env=[{"name": name, "value": value}])
    )

    assert change.after == value


def test_values_of_a_secret_are_always_hidden():
    """Added, changed or removed: no value of a Secret is shown."""
    before = {"kind": "Secret", "data": {"a": "eA==", "b": "eA=="}}
    after = {"kind": "Secret", "data": {"a": "eQ==", "c": "eQ=="}}

    assert fields(before, after) == (
        FieldChange("data.a", "*** (before)", "*** (after)"),
        FieldChange("data.b", "*** (before)", ""),
        FieldChange("data.c", "", "*** (after)"),
    )


def test_a_long_text_is_shown_where_it_begins_to_differ():
    """Of a file of thousands of lines the reader sees the line that changed."""
    same = "line of text\n" * 500
    ((_, before, after),) = [
        (c.path, c.before, c.after)
        for c in fields({"data": {"f": same + "one" + same}}, {"data": {"f": same + "two" + same}})
    ]

    assert "one" in before
    assert "two" in after
    assert len(after) < 200


LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "--a=1", "--a", "1", "true"])
)
NAMES = st.sampled_from(["name", "args", "env", "a", "value", "data"])
OBJECTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)
BODIES = st.dictionaries(NAMES, OBJECTS, max_size=4)


@given(BODIES, BODIES)
def test_no_change_means_equal_and_equal_means_no_change(before, after):
    """An object that differs always says where, and one that does not says nothing."""
    assert (fields(before, after) == ()) == (canonical(strip(before)) == canonical(strip(after)))


@given(BODIES, BODIES)
def test_objects_are_left_as_they_were(before, after):
    """Comparing changes neither of the two."""
    copies = copy.deepcopy((before, after))

    fields(before, after)

    assert (before, after) == copies
