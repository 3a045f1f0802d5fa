"""One object: a table of fixtures, and that no status can make a rule fail."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.health import Subject, judge
from yardarm_reconciler.health.judge import RULES
from yardarm_reconciler.model.change import Health, State

CASES = sorted((Path(__file__).parents[2] / "cases" / "health").glob("*.yaml"))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CONDITIONS = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["Ready", "Failed", "Complete", "Available"])}) | JSON
)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_object_is_judged_as_its_fixture_says(path):
    """Each fixture names the state of its object, and a word of the reason."""
    case = yaml.safe_load(path.read_text(encoding="utf-8"))

    health = judge(Subject(case["live"], NOW, case.get("events", [])))

    assert health.state == case["expect"]["state"]
    assert case["expect"]["reason"] in health.reason


def test_every_rule_has_a_fixture():
    """A kind cannot be judged without a fixture that shows how."""
    lives = [yaml.safe_load(path.read_text(encoding="utf-8"))["live"] for path in CASES]

    assert {kind.kind for kind in RULES} <= {live["kind"] for live in lives}


@given(
    kind=st.sampled_from(sorted(RULES)),
    status=st.dictionaries(st.text(max_size=8), JSON, max_size=4),
    conditions=CONDITIONS | JSON,
    spec=JSON,
)
def test_no_status_makes_a_rule_fail(kind, status, conditions, spec):
    """Whatever a server puts into an object, the answer is a state."""
    version = f"{kind.group}/v1" if kind.group else "v1"
    live = {
        "apiVersion": version,
        "kind": kind.kind,
        "spec": spec,
        "status": {**status, "conditions": conditions},
    }

    health = judge(Subject(live, NOW))

    assert isinstance(health, Health)
    assert isinstance(health.state, State)
