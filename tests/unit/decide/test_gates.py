"""Which revision is followed, and what may be done meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from tests.builders import NOW, config_map, workload
from yardarm_reconciler.decide.effective import Wanted
from yardarm_reconciler.decide.gates import (
    Candidate,
    Facts,
    Wait,
    Way,
    keep_removed,
    leave_alone,
    report_drift_only,
    span,
    way,
)
from yardarm_reconciler.decide.guards import Confirmed, confirmation, make_guard
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.inventory.records import Order, Parent, Pin
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.ports import Ancestry
from yardarm_schema.sync import Window

CASES = Path(__file__).parents[2] / "cases" / "gates"


def order(given: dict[str, str]) -> Order:
    """An order as a case writes it: ``{by: ana, at: …, reason: …}``."""
    return Order(given["by"], moment(given["at"]), given.get("reason", ""))


def moment(text: Any) -> datetime:
    """A time of a case; YAML has read it already where it has seconds."""
    return text if isinstance(text, datetime) else datetime.fromisoformat(text)


def parent_of(case: dict[str, Any]) -> Parent | None:
    """The inventory's parent of a case; none where it says nothing of the past."""
    given = case.get("inventory")
    if given is None:
        return None
    pin = given.get("pin")
    return Parent(
        "u-1",
        "cluster",
        revision=case.get("current", ""),
        history=tuple({"revision": each, "at": NOW.isoformat()} for each in given.get("history", ())),
        suspended={id_: order(each) for id_, each in given.get("suspended", {}).items()},
        rejected={revision: order(each) for revision, each in given.get("rejected", {}).items()},
        pin=Pin(pin["revision"], order(pin)) if pin else None,
    )


def facts_of(case: dict[str, Any]) -> Facts:
    """The facts of a case."""
    now = moment(case["now"])
    given = (make_guard("advance", "production", [each], "") for each in case.get("confirmed", ()))
    ahead = case.get("ahead", ())
    return Facts(
        environment="production",
        newest=case["newest"],
        current=case.get("current", ""),
        ahead=ahead,
        behind=len(ahead) or None,
        continues=Ancestry(case.get("continues", "yes")),
        linear=case.get("linear", False),
        windows=TypeAdapter(tuple[Window, ...]).validate_python(tuple(case.get("windows", ()))),
        confirmed=Confirmed(sets=tuple(confirmation(each, "ana", now) for each in given)),
    )


def candidate_of(case: dict[str, Any], revision: str) -> Candidate:
    """What a case says of one revision."""
    given = case.get("candidates", {}).get(revision, {})
    wave = given.get("wave")
    until = moment(wave["until"]) if wave and "until" in wave else None
    return Candidate(given.get("unsigned", ""), Wait(wave["reason"], until) if wave else None)


def said(found: Way) -> dict[str, Any]:
    """What the gates say, without what they leave open."""
    words = {
        "revision": found.revision,
        "line": found.line,
        "unpruned": found.unpruned,
        "frozen": found.frozen,
        "alone": dict(found.left_alone),
        "order": found.order,
        "confirmable": list(found.guard.ids) if found.guard else [],
    }
    return {name: value for name, value in words.items() if value}


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_case(folder, update_cases):
    """The folder's name is the behaviour; way.yaml is what is followed, and why not more."""
    case = yaml.safe_load((folder / "facts.yaml").read_text())
    found = way(facts_of(case), parent_of(case), lambda each: candidate_of(case, each), moment(case["now"]))
    text = yaml.safe_dump(said(found), sort_keys=False, allow_unicode=True, width=110)
    if update_cases:
        (folder / "way.yaml").write_text(text)
    assert text == (folder / "way.yaml").read_text()


def test_a_candidate_is_looked_at_only_where_its_answer_matters():
    """What is followed already is neither verified nor held against another environment again."""

    def never(revision: str) -> Candidate:
        raise AssertionError(revision)

    assert way(Facts("production", "aaa", "aaa"), None, never, NOW) == Way("aaa")


def todo(verb: Verb, *, wanted: bool = True, cause: Cause = Cause.GIT, id_: str = "Service/nlp/a") -> Todo:
    """One thing to do."""
    made = config_map("a")
    step = Step(verb, made.key, made, cause=cause)
    return Todo(id_, Wanted(workload(id_, made)) if wanted else None, None, (step,))


def verbs(todos: tuple[Todo, ...]) -> list[Verb]:
    """What is left to do."""
    return [step.verb for each in todos for step in each.steps]


def test_what_git_no_longer_has_stays_while_an_advance_gate_is_shut():
    """A window that shuts between two passes holds removals; replacing an object of a workload goes on."""
    todos = keep_removed((todo(Verb.DELETE, wanted=False), todo(Verb.DELETE), todo(Verb.CREATE)), "shut")
    assert verbs(todos) == [Verb.WAIT, Verb.DELETE, Verb.CREATE]


def test_a_suspended_workload_is_left_alone_and_its_neighbours_are_not():
    """Its drift is still seen: the step says what it waits for."""
    todos = leave_alone(
        (todo(Verb.UPDATE, cause=Cause.DRIFT), todo(Verb.CREATE, id_="Service/nlp/b")),
        {"Service/nlp/a": "suspended by ana"},
    )
    assert verbs(todos) == [Verb.WAIT, Verb.CREATE]
    assert todos[0].steps[0].reason == "suspended by ana"


def test_mode_apply_reports_drift_and_applies_what_git_changed():
    """Deletes are never a repair."""
    todos = report_drift_only((todo(Verb.UPDATE, cause=Cause.DRIFT), todo(Verb.UPDATE), todo(Verb.DELETE)))
    assert verbs(todos) == [Verb.WAIT, Verb.UPDATE, Verb.DELETE]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1m"), (60, "1m"), (61, "2m"), (3600, "1h"), (3900, "1h5m"), (86400, "1d"), (97200, "1d3h")],
)
def test_lengths_are_told_in_two_units(seconds, text):
    """Rounded up: what is over in seconds is not yet over."""
    assert span(timedelta(seconds=seconds)) == text
