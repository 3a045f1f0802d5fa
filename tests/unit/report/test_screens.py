"""Golden screens: what people see, kept as files that a person has looked at."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.report.looking import EXAMINED, HAPPENED, MACHINE, TREES
from tests.unit.report.samples import (
    CHANGED,
    COMMIT,
    FAILED,
    GUARDED,
    HISTORY,
    NOW,
    ORIGINS,
    PART,
    PLAN,
    PROBLEMS,
    QWEN,
    STATUS,
    SYNCED,
    SYNTAX,
    TRACED,
    UNKNOWN_CLASS,
    USAGE,
    WIDE_EGRESS,
    WITHIN,
    lines,
)
from yardarm_reconciler.model.budget import TOTAL, Limit, Limits
from yardarm_reconciler.model.change import Guard, Health, State, Sync, WorkloadReport
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.report import (
    budgets,
    cost,
    diagnostics,
    diff,
    doctor,
    events,
    field,
    history,
    plan,
    plan_markdown,
    provenance,
    status,
    sync,
    trace,
    tree,
    validation,
)
from yardarm_reconciler.report.machine import MAKERS
from yardarm_reconciler.report.text import Look
from yardarm_reconciler.report.validation import Validation
from yardarm_schema.field_help import FieldHelp, Member

CASES = Path(__file__).parents[2] / "cases" / "report"
WIDE, NARROW, ASCII = Look(), Look(columns=40), Look(ascii=True)
FOUND = Validation("4f2c9e1", 184, {}, PROBLEMS, 0.2)
FINE = Validation("4f2c9e1", 184, {"dev": 611, "staging": 611, "production": 611}, (), 0.3)
WARNED = replace(
    FINE, objects={"dev": 598, "production": 611}, diagnostics=(WIDE_EGRESS.at(Place("a.yaml", 1, 1)),)
)
FOREIGN = (
    UNKNOWN_CLASS.at(
        Place("workloads/nlp/übersetzer.yaml", 1, 32, 1, 36),
        "no class \x1b[1mh100\x1b[0m\n::error::",
        fix="h100-80gb",
    ),
    SYNTAX.at(
        Place("workloads/gone.yaml", 3, 1),
        "a file that changed meanwhile",
        fix="look again",
        note="it is gone",
    ),
    SYNTAX.at(Place("workloads/bytes.yaml"), "not UTF-8"),
    SYNTAX.at(Place(""), "no file is to blame"),
    SYNTAX.at(Place("workloads/long.yaml", 1, 139, 1, 152), "a long line", fix='did you mean "--model"?'),
)
REMOVED = replace(
    GUARDED,
    guards=(
        Guard("prune", "all workloads would go", ("Service/nlp/llama31-8b", "Team/nlp"), "3be1f0c2a9d4" * 5),
    ),
    workloads=tuple(
        WorkloadReport(id_, Sync.HELD, Health(State.HEALTHY), "prune/held: all workloads would go")
        for id_ in ("Service/nlp/llama31-8b", "Team/nlp")
    ),
)
CLASSES = Limits(
    Limit("production", {"h100-80gb": (16, QWEN), "a100-80gb": (8, QWEN), TOTAL: (32, QWEN)}, Decimal(100)),
    Limit("one workload"),
    {"nlp": Limit("nlp", {"l4-24gb": (4, QWEN), TOTAL: (12, QWEN)})},
)
FIELD = FieldHelp(
    "Service.accelerator",
    "Devices for each pod, such as h100-80gb:2.",
    ("text, such as h100-80gb:2", "a map with class, count"),
    '"l4-24gb"',
    (
        Member("class", "Name of an AcceleratorClass.", required=True),
        Member("count", "Devices.", required=False),
    ),
)
SMALL = replace(STATUS, workloads=STATUS.workloads[:4], notes={}, advance=None, limits=None)

SCREENS = {
    "problems-are-shown-with-source-caret-reason-and-fix": lambda: (
        diagnostics.human(PROBLEMS, lines, WIDE) + "\n" + validation.human(FOUND, WIDE)
    ),
    "problems-on-forty-columns": lambda: (
        diagnostics.human(PROBLEMS, lines, NARROW) + "\n" + validation.human(FOUND, NARROW)
    ),
    "problems-in-ascii": lambda: diagnostics.human((*PROBLEMS, *FOREIGN), lines, ASCII),
    "problems-of-odd-places-and-foreign-text": lambda: diagnostics.human(FOREIGN, lines, WIDE),
    "problems-in-one-line-each": lambda: diagnostics.concise((*PROBLEMS, *FOREIGN), WIDE),
    "problems-as-sarif": lambda: MAKERS["sarif"](FOUND, "0.1.0", 1),
    "problems-as-junit": lambda: MAKERS["junit"](FOUND, "0.1.0", 1),
    "problems-as-annotations": lambda: MAKERS["github"](FOUND, "0.1.0", 1),
    "problems-as-code-quality": lambda: MAKERS["gitlab"](FOUND, "0.1.0", 1),
    "problems-as-a-page": lambda: MAKERS["markdown"](FOUND, "0.1.0", 1),
    "nothing-wrong-as-a-page": lambda: MAKERS["markdown"](WARNED, "0.1.0", 0),
    "nothing-wrong-is-one-line": lambda: validation.human(FINE, WIDE),
    "warnings-alone-are-fine": lambda: validation.human(WARNED, WIDE),
    "a-sync-shows-what-happened-and-what-is-held": lambda: sync.human(SYNCED, COMMIT, WIDE),
    "a-sync-on-forty-columns": lambda: sync.human(SYNCED, COMMIT, NARROW),
    "a-sync-in-ascii": lambda: sync.human(SYNCED, COMMIT, ASCII),
    "a-sync-in-one-line-each": lambda: sync.concise(SYNCED, WIDE),
    "a-sync-that-failed-says-what-and-why": lambda: sync.human(FAILED, COMMIT, WIDE),
    "a-sync-that-had-nothing-to-do": lambda: sync.human(
        replace(SYNCED, workloads=SYNCED.workloads[:0]), None, WIDE
    ),
    "a-guard-says-what-why-and-how-to-go-on": lambda: sync.human(GUARDED, COMMIT, WIDE),
    "a-guard-on-forty-columns": lambda: sync.human(GUARDED, COMMIT, NARROW),
    "a-guard-in-a-diff-does-not-claim-that-anything-was-applied": lambda: diff.human(GUARDED, WIDE),
    "what-waiting-did-not-help-says-why": lambda: sync.unwell(STATUS.workloads[:2], NARROW),
    "a-diff-names-fields-as-a-reader-would": lambda: diff.human(CHANGED, WIDE),
    "a-diff-on-forty-columns": lambda: diff.human(CHANGED, NARROW),
    "a-diff-in-ascii": lambda: diff.human(CHANGED, ASCII),
    "a-diff-in-one-line-each": lambda: diff.concise(CHANGED, WIDE),
    "a-diff-of-nothing": lambda: diff.human(replace(CHANGED, workloads=CHANGED.workloads[2:]), WIDE),
    "an-explanation-tells-where-each-value-comes-from": lambda: provenance.human(ORIGINS, "", WIDE),
    "an-explanation-of-a-part": lambda: provenance.human(provenance.chosen(ORIGINS, PART), PART, WIDE),
    "an-explanation-on-forty-columns": lambda: provenance.human(ORIGINS, "", NARROW),
    "an-explanation-in-one-line-each": lambda: "".join(f"{line}\n" for line in provenance.concise(ORIGINS)),
    "a-field-is-explained-with-its-forms": lambda: field.human(FIELD, WIDE),
    "a-field-on-forty-columns": lambda: field.human(FIELD, NARROW),
    "a-plan-shows-what-would-happen-for-how-much": lambda: plan.human(PLAN, WIDE),
    "a-plan-on-forty-columns": lambda: plan.human(PLAN, NARROW),
    "a-plan-in-ascii": lambda: plan.human(PLAN, ASCII),
    "a-plan-in-one-line-each": lambda: plan.concise(PLAN, WIDE),
    "a-plan-as-a-comment": lambda: plan_markdown.comment(PLAN, "0.1.0"),
    "a-status-shows-first-what-needs-a-person": lambda: status.human(STATUS, NOW, WIDE),
    "a-status-on-forty-columns": lambda: status.human(STATUS, NOW, NARROW),
    "a-status-in-ascii": lambda: status.human(STATUS, NOW, ASCII),
    "a-status-in-one-line-each": lambda: status.concise(SMALL, WIDE),
    "a-small-status-names-every-workload": lambda: status.human(SMALL, NOW, WIDE),
    "what-a-guard-lists-is-not-said-twice": lambda: (
        sync.human(REMOVED, COMMIT, WIDE) + "\n" + status.human(REMOVED, NOW, WIDE)
    ),
    "a-budget-shows-who-holds-how-much-of-what": lambda: budgets.human([USAGE, WITHIN], WIDE),
    "a-budget-of-one-team": lambda: budgets.human([USAGE], WIDE, "nlp"),
    "a-budget-that-holds": lambda: budgets.human([WITHIN], WIDE),
    "a-budget-on-forty-columns": lambda: budgets.human([USAGE], NARROW),
    "a-budget-in-ascii": lambda: budgets.human([USAGE], ASCII),
    "a-budget-in-one-line-each": lambda: budgets.concise([USAGE, WITHIN], WIDE),
    "a-cost-names-the-dearest-first": lambda: cost.human([USAGE, WITHIN], WIDE),
    "a-cost-on-forty-columns": lambda: cost.human([USAGE], NARROW),
    "a-cost-in-one-line-each": lambda: cost.concise([USAGE, WITHIN], WIDE),
    "a-trace-leads-to-the-line": lambda: trace.human(TRACED, WIDE),
    "a-trace-on-forty-columns": lambda: trace.human(TRACED, NARROW),
    "a-trace-in-one-line-each": lambda: trace.concise(TRACED, WIDE),
    "a-tree-shows-what-became-of-each-object": lambda: tree.human("production", TREES, NOW, WIDE),
    "a-tree-on-forty-columns": lambda: tree.human("production", TREES, NOW, NARROW),
    "a-tree-in-ascii": lambda: tree.human("production", TREES, NOW, ASCII),
    "a-tree-in-one-line-each": lambda: tree.concise("production", TREES[:1], WIDE),
    "a-tree-of-nothing": lambda: tree.human("production", (), NOW, WIDE),
    "events-say-what-happened-the-newest-last": lambda: events.human("production", HAPPENED, NOW, WIDE),
    "events-on-forty-columns": lambda: events.human("production", HAPPENED, NOW, NARROW),
    "events-in-one-line-each": lambda: events.concise("production", HAPPENED, WIDE),
    "events-of-nothing": lambda: events.human("production", (), NOW, NARROW),
    "an-examination-says-what-is-in-the-way-and-what-to-do": lambda: doctor.human(MACHINE, EXAMINED, WIDE),
    "an-examination-on-forty-columns": lambda: doctor.human(MACHINE, EXAMINED, NARROW),
    "an-examination-in-ascii": lambda: doctor.human(MACHINE, EXAMINED, ASCII),
    "an-examination-in-one-line-each": lambda: doctor.concise(MACHINE, EXAMINED, WIDE),
    "an-examination-with-nothing-in-the-way": lambda: doctor.human(MACHINE[:1], {}, WIDE),
    "a-history-says-who-sent-it-there": lambda: history.human("production", HISTORY, WIDE),
    "a-history-on-forty-columns": lambda: history.human("production", HISTORY, NARROW),
    "a-history-in-one-line-each": lambda: history.concise("production", HISTORY, WIDE),
    "a-history-of-nothing": lambda: history.human("production", (), WIDE),
    "devices-of-many-classes-in-one-table": lambda: status.human(replace(SMALL, limits=CLASSES), NOW, WIDE),
}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_as_a_person_approved_it(name, update_cases):
    """Order, words and economy are decided once; --update-cases rewrites, then look at it."""
    path = CASES / name / "expected.txt"
    screen = SCREENS[name]()
    if update_cases:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(screen, encoding="utf-8")

    assert screen == path.read_text(encoding="utf-8")


def test_every_golden_screen_is_used():
    """A folder without a test would rot."""
    assert {path.name for path in CASES.iterdir()} == set(SCREENS)
