"""The published JSON Schemas say what the models say."""

from __future__ import annotations

import copy
from pathlib import Path

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from referencing import Registry

from tests.unit.schema.documents import POD, SETTINGS, SPECS, document
from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.validate.overrides import with_overrides
from yardarm_schema.base import parse
from yardarm_schema.json_schema import json_schemas
from yardarm_schema.kinds import DOCUMENTS, WORKLOADS
from yardarm_schema.settings import Settings
from yardarm_schema.workload import Program

pytestmark = pytest.mark.slow

COMMITTED = Path(__file__).parents[3] / "schema" / "json"
GENERATED = json_schemas()
VALIDATORS = {
    name: Draft202012Validator(orjson.loads(schema), registry=Registry())
    for name, schema in GENERATED.items()
}
MODELS = {**DOCUMENTS, "Settings": Settings}

TEXTS = (
    *(
        "x",
        "X",
        "a-b",
        "-",
        "a.b/c",
        "2Gi",
        "0Gi",
        "500m",
        "1m",
        "30m",
        "1h30m",
        "25%",
        "101%",
        "h100-80gb:2",
        "h100:0",
    ),
    *(
        "/a/b",
        "/a/../b",
        "a/b",
        "../a",
        "a*",
        ".",
        "zone",
        "onChange",
        "yes",
        "UDP",
        "kueue",
        "restricted",
        "docker.io/a:b",
    ),
    *(
        "status.podIP",
        "{team}",
        ">=1",
        "10.0.0.0/8",
        "nvidia.com/gpu",
        "true",
        "main",
        "0a0a0a0a0a0a",
        "Upper/case",
    ),
)
SCALARS = st.sampled_from([None, True, False, 0, 1, -1, 3, 70_000, 1.5, -0.5, "", *TEXTS])
VALUES = st.one_of(
    SCALARS,
    st.text("aZ0-_./:@{} ", max_size=8),
    st.lists(SCALARS, max_size=2),
    st.dictionaries(
        st.sampled_from(["name", "path", "size", "secret", "key", "port", "class", "A", "x-y", "", "é"]),
        SCALARS,
        max_size=2,
    ),
)


def valid(kind, tree):
    """Whether the model of a kind accepts a tree."""
    try:
        parse(MODELS[kind], orjson.dumps(tree))
    except ValidationError:
        return False
    return True


def validator(kind):
    """The published schema of one kind."""
    return VALIDATORS[f"v1alpha1/{'settings' if kind == 'Settings' else kind}.schema.json"]


def whole(kind):
    """A rich valid document."""
    return SETTINGS if kind == "Settings" else document(kind)


@st.composite
def damaged(draw, tree):
    """A tree with one to three changes somewhere: a value replaced, removed or added."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 3))):
        node = tree
        while isinstance(node, (dict, list)) and node:
            key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
            if isinstance(node[key], (dict, list)) and node[key] and draw(st.integers(0, 4)):
                node = node[key]
                continue
            change = draw(st.sampled_from(["replace", "remove", "add"]))
            if change == "remove":
                del node[key]
            elif change == "add" and isinstance(node, dict):
                node[
                    draw(st.sampled_from(["run", "name", "size", "x", "secret", "port", "1A", "A B", "Ä"]))
                ] = draw(VALUES)
            else:
                node[key] = draw(VALUES)
            break
    return tree


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_committed_schema_is_what_the_models_give(name):
    """Schemas are generated: run ``yardarm schema --write schema/json`` after a change of the models."""
    assert (COMMITTED / name).read_bytes() == GENERATED[name]


def test_no_schema_is_left_over():
    """Every committed schema below a version is one that the models give."""
    assert {str(path.relative_to(COMMITTED)) for path in COMMITTED.glob("v*/*")} == set(GENERATED)


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_schema_is_valid_json_schema(name):
    """Each schema obeys the dialect that it names."""
    Draft202012Validator.check_schema(orjson.loads(GENERATED[name]))


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_rich_documents_are_valid(kind):
    """Models and schemas accept a document that uses every field."""
    assert valid(kind, whole(kind))
    assert validator(kind).is_valid(whole(kind))


@pytest.mark.parametrize("kind", sorted(MODELS))
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_schema_and_model_accept_the_same(kind, data):
    """Whatever is changed in a document, editors and Yardarm agree on whether it is still right."""
    tree = data.draw(damaged(whole(kind)))
    spec = tree.get("spec")
    # The schema knows more of overrides and parts (below), and less of networks: it does not see host bits.
    assume(not isinstance(spec, dict) or spec.get("environments", {}) in ({}, {"production": {}}))
    assume(
        not isinstance(spec, dict) or not any(_is_changed(kind, each.field, spec) for each in _parts(kind))
    )
    assert validator(kind).is_valid(tree) == valid(kind, tree)


def _parts(kind):
    """The fields of a kind that hold parts."""
    return WORKLOADS[kind].PARTS if kind in WORKLOADS else ()


def _is_changed(kind, field, spec):
    """Whether some part is another than in the whole document; how many there are is the model's own matter."""
    before, now = whole(kind)["spec"].get(field, {}), spec.get(field)
    return isinstance(now, dict) and any(before.get(name, ...) != part for name, part in now.items())


def _codes(tree):
    """What Yardarm says of a document, its parts and its overrides."""
    (node,) = compose("a.yaml", orjson.dumps(tree)).value
    return {each.code.name for each in with_overrides(tree["kind"], node, {}).diagnostics}


@pytest.mark.parametrize("kind", sorted(name for name, kind in WORKLOADS.items() if kind.PARTS))
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_schema_and_yardarm_know_the_same_fields_of_parts(kind, data):
    """The schema refuses a part only where Yardarm does, and misses no wrong name; what is missing it cannot know."""
    tree = copy.deepcopy(whole(kind))
    field = data.draw(st.sampled_from([each.field for each in _parts(kind) if each.field in tree["spec"]]))
    tree["spec"][field] = data.draw(damaged(tree["spec"][field]))
    said = _codes(tree)
    assert said or validator(kind).is_valid(tree)
    assert not (said & {"field/unknown"} and validator(kind).is_valid(tree))


@pytest.mark.parametrize(
    ("field", "key", "value"),
    [
        ("env", "1A", "text"),
        ("files", "relative", {"content": ""}),
        ("volumes", "A", {"path": "/a", "claim": "a"}),
        ("ports", "no_port", 80),
        ("environments", "Production", {}),
    ],
)
def test_keys_of_maps_are_checked_too(field, key, value):
    """A wrong name is refused by schema and model, whatever its value."""
    tree = document("Service")
    tree["spec"] = {**tree["spec"], field: {key: value}}
    assert (validator("Service").is_valid(tree), valid("Service", tree)) == (False, False)


def test_null_cannot_stand_at_a_wrong_name_either():
    """What is removed must be something that could be there: schema and model refuse the name of a variable with a digit."""
    for part in (
        {"variants": {"canary": {"weight": 1, "args": {"1A": None}}}},
        {"environments": {"dev": {"args": {"1A": None}}}},
    ):
        tree = copy.deepcopy(whole("ModelService"))
        tree["spec"] |= part
        assert (_codes(tree), validator("ModelService").is_valid(tree)) == ({"name/invalid"}, False)


@pytest.mark.parametrize(
    "step", [{"kind": None}, {"kind": None, "shards": {"count": 2}}, {"kind": "BatchJob"}]
)
def test_a_step_may_say_null_for_its_kind(step):
    """Null says nothing, wherever something may be removed: the step is what it is without."""
    tree = document("Pipeline")
    tree["spec"] = {**tree["spec"], "steps": {"eval": step}}
    assert (validator("Pipeline").is_valid(tree), valid("Pipeline", tree)) == (True, True)


@pytest.mark.parametrize(
    ("patch", "right"), [({"nodes": 3}, True), ({"kind": None}, True), ({"x": 3}, False)]
)
def test_an_override_need_not_say_again_what_kind_a_step_is(patch, right):
    """What is said of a step in one environment may be of any kind of step, and of no other."""
    tree = document("Pipeline")
    tree["spec"] = {**tree["spec"], "environments": {"production": {"steps": {"train": patch}}}}
    assert validator("Pipeline").is_valid(tree) == right


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_combined_schema_decides_by_kind(kind):
    """The schema for all kinds accepts a right document, and refuses one with a wrong field."""
    combined = VALIDATORS["v1alpha1/yardarm.schema.json"]
    assert combined.is_valid(document(kind))
    assert not combined.is_valid({**document(kind), "sepc": {}})


def partial(tree, draw):
    """Part of a tree, with null in some places."""
    kept = {key: value for key, value in tree.items() if draw(st.booleans())}
    return {
        key: None
        if draw(st.integers(0, 5)) == 0
        else partial(value, draw)
        if isinstance(value, dict)
        else value
        for key, value in kept.items()
    }


@pytest.mark.parametrize(
    "kind", sorted(name for name, kind in WORKLOADS.items() if issubclass(kind, Program) or kind.PARTS)
)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_schema_accepts_any_part_of_a_spec_as_an_override(kind, data):
    """An override may hold any field of the spec, in part, and null to remove it."""
    pod = POD if issubclass(WORKLOADS[kind], Program) else {}
    override = partial({**pod, **SPECS[kind]}, data.draw)
    override.pop("environments", None)
    tree = document(kind)
    tree["spec"] = {**tree["spec"], "environments": {"production": override}}
    assert validator(kind).is_valid(tree)


@pytest.mark.parametrize(
    "override", [{"replica": 1}, {"resources": {"mem": "1Gi"}}, {"environments": {}}, {"replicas": "3"}, None]
)
def test_schema_refuses_wrong_overrides(override):
    """Typing errors in overrides show in the editor."""
    tree = document("Service")
    tree["spec"] = {**tree["spec"], "environments": {"production": override}}
    assert not validator("Service").is_valid(tree)
