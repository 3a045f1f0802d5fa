"""The policy that all models share."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest
from pydantic import ValidationError

from tests.unit.schema.documents import document
from yardarm_schema.base import parse
from yardarm_schema.kinds import DOCUMENTS, PLATFORM, WORKLOADS


def errors(kind, **spec):
    """Types and locations of what is wrong with a document whose spec has these fields."""
    tree = document(kind)
    tree["spec"] = {**tree["spec"], **spec}
    try:
        parse(DOCUMENTS[kind], orjson.dumps(tree))
    except ValidationError as error:
        return [
            (each["type"], each["loc"][1:]) for each in error.errors(include_input=False, include_url=False)
        ]
    return []


def test_every_kind_has_a_document():
    """The registries agree."""
    assert set(DOCUMENTS) == {*WORKLOADS, *PLATFORM, "Repository"}


def test_fields_are_those_of_files_not_those_of_python():
    """``depends_on`` is no second way to write ``dependsOn``."""
    assert errors("Service", depends_on=[]) == [("extra_forbidden", ("depends_on",))]


def test_nothing_is_converted():
    """Neither text nor booleans nor floats are integers."""
    assert {errors("BatchJob", retries=value)[0][0] for value in ("3", True, 1.5, None)} == {"int_type"}


def test_null_is_a_value_only_where_it_means_something():
    """``accelerator: null`` asks for none; elsewhere null is a value that is missing."""
    assert errors("Service", accelerator=None) == []
    assert errors("Service", health=None, resources={"cpu": None}) != []


@pytest.mark.parametrize("other", [{"command": ["x"], "args": None}, {"args": []}])
def test_a_script_excludes_a_command(other):
    """``run`` is the whole program."""
    spec = {**document("Service")["spec"], "run": "./serve", **other}
    spec = {key: value for key, value in spec.items() if value is not None}
    spec = spec if "command" in other else {key: value for key, value in spec.items() if key != "command"}
    with pytest.raises(ValidationError, match="exclude"):
        parse(DOCUMENTS["Service"], orjson.dumps({**document("Service"), "spec": spec}))


def test_a_rollout_must_be_able_to_replace_a_pod():
    """No pod more and no pod less is no rollout."""
    assert errors("Service", rollout={"surge": "0%", "unavailable": 0}) == [("rollout", ("rollout",))]


@pytest.mark.parametrize("later", ["roles"])
def test_fields_that_do_nothing_yet_are_unknown(later):
    """A field is accepted from the day on that it has an effect."""
    assert errors("Service", **{later: {}}) == [("extra_forbidden", (later,))]


def test_values_are_frozen():
    """A spec is never changed once read."""
    spec = parse(DOCUMENTS["Team"], orjson.dumps(document("Team")))
    with pytest.raises(ValidationError):
        spec.kind = "Service"


def test_validators_are_built_on_first_use():
    """Importing the contract costs no more than importing pydantic and naming classes."""
    script = (
        "import sys; from yardarm_schema.kinds import DOCUMENTS; from yardarm_schema.settings import Settings; "
        "sys.exit(any(m.__pydantic_complete__ for m in (*DOCUMENTS.values(), Settings)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
