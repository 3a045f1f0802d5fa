"""JSON for other programs: as its schema says, the same bytes every time, safe anywhere."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from tests.unit.report.looking import EXAMINED, HAPPENED, MACHINE, TREES
from tests.unit.report.samples import (
    CHANGED,
    FAILED,
    GUARDED,
    HISTORY,
    ORIGINS,
    PLAN,
    PROBLEMS,
    STATUS,
    SYNCED,
    TRACED,
    USAGE,
)
from yardarm_reconciler.report import doctor, events, output, plan_json, provenance, tree
from yardarm_reconciler.report.validation import Validation

SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parents[3] / "schema" / "json" / "output").glob("*.schema.json")
}
REGISTRY = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in SCHEMAS.values()])
FOUND = Validation("4f2c9e1", 184, {"dev": 611}, PROBLEMS, 0.2)

DOCUMENTS = {
    "validation": output.validation(FOUND, "0.1.0", 1),
    "diff": output.diff([replace(CHANGED, diagnostics=PROBLEMS)], "0.1.0", 1),
    "sync": output.sync([SYNCED, FAILED, GUARDED], "0.1.0", 4),
    "status": output.status([STATUS], "0.1.0", 0),
    "explanation": provenance.json(ORIGINS, "0.1.0", "4f2c9e1", 0),
    "plan": plan_json.plan(PLAN, "0.1.0", 1),
    "history": output.history("production", HISTORY, "0.1.0"),
    "tree": tree.json("production", TREES, ("cannot list ResourceClaim.resource.k8s.io",), "0.1.0"),
    "events": events.json("production", HAPPENED, (), "0.1.0"),
    "doctor": doctor.json(MACHINE, EXAMINED, "0.1.0", 1),
    "trace": output.trace(TRACED, "0.1.0"),
    "budget": output.budget([USAGE], PROBLEMS, "0.1.0", "4f2c9e1", 1),
}


def validator(name):
    """The published schema of an output; what is referred to is never fetched."""
    return Draft202012Validator(
        SCHEMAS[name], registry=REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_output_is_as_its_schema_says(name):
    """What is published is what is written."""
    validator(name).validate(json.loads(DOCUMENTS[name]))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_output_is_not_that_of_another_command(name):
    """The kind tells outputs apart."""
    document = json.loads(DOCUMENTS[name]) | {"kind": "Nothing"}

    with pytest.raises(ValidationError):
        validator(name).validate(document)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_schema(name):
    """A typing error in a keyword would check nothing."""
    Draft202012Validator.check_schema(SCHEMAS[name])


def test_every_field_that_is_written_is_described():
    """A field that the schema does not know is one that nobody can rely on."""
    common = SCHEMAS["common"]["$defs"]
    (environment,) = json.loads(DOCUMENTS["status"])["environments"]
    (changed,) = json.loads(DOCUMENTS["diff"])["environments"]

    assert set(environment) == set(common["environment"]["properties"])
    assert set(environment["workloads"][0]) - {"since"} == set(common["workload"]["properties"])
    assert set(environment["summary"]) == set(common["summary"]["properties"])
    assert set(changed["workloads"][0]["actions"][0]) == set(common["action"]["properties"])
    assert set(json.loads(DOCUMENTS["validation"])) == set(common["envelope"]["properties"])


@pytest.mark.parametrize("kind", ["budget", "plan"])
def test_what_is_written_is_what_its_schema_describes(kind):
    """Nothing more and nothing less, for each of its own parts."""
    document = json.loads(DOCUMENTS[kind])
    environment = max(document["environments"], key=lambda each: len(each["owners"]))
    written = {"environment": environment, "owner": environment["owners"][-1]}
    if kind == "plan":
        written |= {"workload": environment["workloads"][0], "rule": document["rules"][0]}
        written |= {"finding": document["findings"][0]}

    for name, part in written.items():
        assert set(part) == set(SCHEMAS[kind]["$defs"][name]["properties"]), name


def test_a_history_writes_what_its_schema_describes():
    """Nothing more and nothing less, for each of its parts."""
    (environment,) = json.loads(DOCUMENTS["history"])["environments"]

    assert set(environment) == set(SCHEMAS["history"]["$defs"]["environment"]["properties"])
    assert set(environment["history"][0]) == set(SCHEMAS["history"]["$defs"]["step"]["properties"])


def test_a_trace_writes_what_its_schema_describes():
    """Nothing more and nothing less, for each of its parts."""
    environment, _ = json.loads(DOCUMENTS["trace"])["environments"]

    assert set(environment) == set(SCHEMAS["trace"]["$defs"]["environment"]["properties"])
    assert set(environment["trace"]) == set(SCHEMAS["trace"]["$defs"]["trace"]["properties"])


def test_a_tree_writes_what_its_schema_describes():
    """Nothing more and nothing less, for each of its parts."""
    (environment,) = json.loads(DOCUMENTS["tree"])["environments"]
    parts = SCHEMAS["tree"]["$defs"]

    assert set(environment) == set(parts["environment"]["properties"])
    assert set(environment["trees"][0]) == set(parts["tree"]["properties"])
    assert set(environment["trees"][0]["objects"][0]) == set(parts["node"]["properties"])


def test_events_write_what_their_schema_describes():
    """Nothing more and nothing less, for each of their parts."""
    (environment,) = json.loads(DOCUMENTS["events"])["environments"]
    parts = SCHEMAS["events"]["$defs"]

    assert set(environment) == set(parts["environment"]["properties"])
    assert set(environment["events"][0]) == set(parts["event"]["properties"])


def test_an_examination_writes_what_its_schema_describes():
    """Nothing more and nothing less, for each of its parts."""
    document = json.loads(DOCUMENTS["doctor"])
    (environment,) = document["environments"]
    parts = SCHEMAS["doctor"]["$defs"]

    assert set(environment) == set(parts["environment"]["properties"])
    assert set(document["checks"][0]) == set(parts["check"]["properties"])


def test_only_a_status_has_times():
    """Two runs over the same state give the same bytes."""
    slower = [replace(report, seconds=99.0) for report in (SYNCED, FAILED, GUARDED)]

    assert output.sync(slower, "0.1.0", 4) == DOCUMENTS["sync"]
    assert '"since"' not in DOCUMENTS["sync"] + DOCUMENTS["diff"]
    assert '"since": "2026-11-23T11:56:00+00:00"' in DOCUMENTS["status"]


def test_the_order_of_what_comes_in_does_not_matter():
    """Workloads and environments are sorted."""
    turned = replace(SYNCED, workloads=SYNCED.workloads[::-1])

    assert output.sync([GUARDED, FAILED], "0.1.0", 4) == output.sync([FAILED, GUARDED], "0.1.0", 4)
    assert output.diff([turned], "0.1.0", 0) == output.diff([SYNCED], "0.1.0", 0)


def test_the_bytes_are_printable_ascii_and_the_text_is_exact():
    """No escape, override or lone surrogate reaches a terminal; a program reads what was meant."""
    evil = "\x1b[2J \u202e \x9b \x7f \ud800 ü"

    text = output.sync([replace(SYNCED, error=evil)], "0.1.0", 4)

    assert all(" " <= char <= "~" or char == "\n" for char in text)
    assert json.loads(text)["environments"][0]["error"] == evil
