"""Foreign text in comments of pull requests stays text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.model.change import Action, Change, FieldChange
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import Code, Place
from yardarm_reconciler.model.plan import EnvironmentPlan, Finding, Plan, Since, WorkloadPlan
from yardarm_reconciler.report.markdown import cell, code, fence, html_code
from yardarm_reconciler.report.plan_markdown import LONGEST, comment

TEXTS = st.text("ab`|<&@ \n\\", max_size=30)


def spans(text):
    """Code spans as CommonMark reads them: from a run of backticks to the next of the same length."""
    found, rest = [], text
    while opening := re.search(r"`+", rest):
        after = rest[opening.end() :]
        closing = re.search(rf"(?<!`){opening[0]}(?!`)", after)
        assert closing, f"{text!r} has a run of backticks that is markup"
        found.append(after[: closing.start()])
        rest = after[closing.end() :]
    return found


@given(TEXTS)
def test_text_is_one_code_span_whatever_it_holds(text):
    """No run of backticks in it ends the span."""
    said = code(text)

    assert (len(spans(said)) == 1 and "\n" not in said) or not text.strip()


@given(TEXTS)
def test_a_cell_has_no_bar_of_its_own(text):
    """Tables are split before code is looked for."""
    assert not re.search(r"(?<!\\)\|", cell(text))


@given(st.lists(TEXTS, max_size=5))
def test_no_line_ends_a_fence(lines):
    """The fence is longer than any run of backticks in it."""
    first, *body, last = fence("diff", lines).split("\n")

    ticks = first.removesuffix("diff")
    assert last == ticks
    assert len(body) == len(lines)
    assert all(ticks not in line for line in body)


@pytest.mark.parametrize("text", ["<script>", "a & b", '"x"'])
def test_in_html_nothing_is_a_tag(text):
    """Where no markdown is read, characters that mean something are entities."""
    assert re.fullmatch(r"<code>[^<>]*</code>", html_code(text))


@pytest.mark.slow
def test_a_comment_of_a_thousand_different_workloads_says_what_it_leaves_out():
    """Everything that is always told is there, and it is not too long."""
    field = FieldChange("spec.template.spec.containers[main].image", "x" * 200, "y" * 200)
    plans = tuple(
        WorkloadPlan(
            f"Service/nlp/model-{number:04}",
            changes=(
                Change(Key("", "ConfigMap", "nlp", f"{number}"), Action.CONFIGURED, fields=(field,)),
                Change(Key("", "Secret", "nlp", f"{number}"), Action.CREATED),
            ),
        )
        for number in range(1000)
    )
    problem = Code("budget/team-exceeded", "too much", "why").at(Place("a.yaml", 1, 1), "z" * 300)
    findings = tuple(Finding(problem, Since.HEAD, ("production",)) for _ in range(500))
    environments = tuple(EnvironmentPlan(f"production-{number}", plans) for number in range(100))

    told = comment(Plan("a" * 40, "b" * 40, environments, (), findings, "c" * 64), "0.1.0")

    assert len(told) < LONGEST
    assert "for which a comment has no room" in told
    assert told.index("budget/team-exceeded") < told.index("<details")
