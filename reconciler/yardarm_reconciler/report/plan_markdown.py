"""A plan as the one comment of a pull request: the summary first, the rest folded, never longer than a comment may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from yardarm_reconciler.model.change import REMINDERS, Action, Change, FieldChange
from yardarm_reconciler.model.plan import EnvironmentPlan, Finding, Plan, RuleChange, Since, WorkloadPlan
from yardarm_reconciler.report import changes, guard
from yardarm_reconciler.report.markdown import cell, code, fence, folded, html_code
from yardarm_reconciler.report.names import line_of, object_name, short, workload_name
from yardarm_reconciler.report.numbers import Number, counted, notable, owners
from yardarm_reconciler.report.plan import SHORT_DIGEST, alike, changing, grouped, listed, special
from yardarm_reconciler.report.text import count

MARKER = "<!-- yardarm plan -->"
"""The first line, by which the comment is found again and written anew."""

LONGEST = 65_536
"""Characters of a comment on GitHub; GitLab takes more."""

ROOM = 60_000
"""Characters until which details are added: what is always told has its place besides."""

MOST_FINDINGS = 20
MOST_ROWS = 60
"""Rows and findings that are always told; of more it says how many."""

COUNTED = (Action.CREATED, Action.CONFIGURED, Action.REPLACED, Action.DELETED)
HEADER = ("", *COUNTED, "devices (peak)", "money an hour (peak)")

MARKS = {
    Action.CREATED: "+",
    Action.CONFIGURED: "!",
    Action.REPLACED: "-+",
    Action.DELETED: "-",
}
"""First characters of lines in a fence ``diff``, by which they are coloured."""

SIGNS = {Since.HEAD: "❌", Since.RULES: "⚠️", Since.BASE: "☑️"}
WORDS = {
    Since.HEAD: "",
    Since.RULES: " (nothing to hold only because this change loosens the rules)",
    Since.BASE: " (in the base already)",
}


def comment(plan: Plan, version: str) -> str:
    """The whole comment."""
    top = "\n\n".join((f"{MARKER}\n### Yardarm plan · {_headline(plan)}", *_summary(plan)))
    bottom = f"<sub>{short(plan.base)} → {short(plan.head)} · yardarm {version} · digest {plan.digest[:SHORT_DIGEST]}</sub>"
    room = ROOM - len(top) - len(bottom)
    details: list[str] = []
    left_out = 0
    for make in _details(plan):
        block = "" if left_out else make()
        if len(block) <= room and not left_out:
            details.append(block)
            room -= len(block) + 2
        else:
            left_out += 1
    if left_out:
        details.append(
            f"… and {count(left_out, 'more part')}, for which a comment has no room: `yardarm plan` shows all."
        )
    return "\n\n".join((top, *details, bottom)) + "\n"


def _headline(plan: Plan) -> str:
    errors = sum(each.is_error for each in plan.since(Since.HEAD))
    loosened = len(plan.since(Since.RULES))
    guards = sum(each.name not in REMINDERS for env in plan.environments for each in env.guards)
    parts = [changing(plan)]
    parts += [f"❌ {count(errors, 'finding')}"] if errors else []
    parts += [f"⚠️ {loosened} let through by other rules"] if loosened else []
    parts += [f"✋ {count(guards, 'confirmation')} needed"] if guards else []
    return " · ".join(parts)


# What is always told ---------------------------------------------------------------------------------


def _summary(plan: Plan) -> Iterator[str]:
    rows = [row for each in plan.environments for row in _rows(each)]
    if rows:
        more = len(rows) - MOST_ROWS
        yield "\n".join(
            (
                _row(HEADER),
                _row(["---"] * len(HEADER)),
                *map(_row, rows[:MOST_ROWS]),
                *([_row([f"… {more} more", *[""] * (len(HEADER) - 1)])] if more > 0 else []),
            )
        )
    notes = [f"> {code(each.name)} {code(each.note)}" for each in plan.environments if each.note]
    if notes:
        yield "\n".join(notes[:MOST_ROWS])
    found = plan.findings
    more = len(found) - MOST_FINDINGS
    quoted = [f"> {_finding(each)}" for each in found[:MOST_FINDINGS]]
    quoted += [f"> … and {more} more"] if more > 0 else []
    if quoted:
        yield "\n>\n".join(quoted)
    guards = [line for each in plan.environments for line in _guards(each)]
    if guards:
        yield "\n>\n".join(guards[:MOST_FINDINGS])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rows(environment: EnvironmentPlan) -> Iterator[list[str]]:
    """The environment's numbers, then those of its teams that change or do not fit."""
    for team, held in owners(environment):
        numbers, paid = notable(held)
        said = ["<br>".join(map(_number, numbers)), _number(paid) if paid else ""]
        if team:
            yield [f"· {cell(team)}", *[""] * len(COUNTED), *said]
        elif environment.changes or any(said):
            counts = [str(environment.count(action)) for action in COUNTED]
            yield [f"**{cell(environment.name)}**", *counts, *said]


def _number(number: Number) -> str:
    """With the number that it comes to in bold."""
    said = f"{number.before} → **{number.after}**" if number.before != number.after else number.after
    if number.limit_before != number.limit:
        said += f" of {number.limit_before or 'any'} → **{number.limit or 'any'}**"
    elif number.limit:
        said += f" of {number.limit}"
    name = f"{cell(number.what)} " if number.what else ""
    return f"{name}{said}{' ❌' if number.exceeded else ''}"


def _finding(finding: Finding) -> str:
    problem = finding.diagnostic
    sign = SIGNS[finding.since] if problem.is_error else "⚠️"
    where = f" {code(line_of(problem.place))}" if problem.place.path else ""
    environments = f" in {', '.join(map(code, finding.environments))}" if finding.environments else ""
    return (
        f"{sign} **{problem.code.name}**{where}{environments} {code(problem.message)}{WORDS[finding.since]}"
    )


def _guards(environment: EnvironmentPlan) -> Iterator[str]:
    for held in environment.guards:
        sign = "💾" if held.name in REMINDERS else "✋"
        digest = held.digest[:SHORT_DIGEST]
        yield (
            f"> {sign} **{held.name}** in {code(environment.name)}: {code(held.reason)}: {code(guard.listed(held))}"
            f" · to go on: `sync: {{confirm: [{digest}]}}` in the spec of its Environment"
        )


# What is folded --------------------------------------------------------------------------------------


def _details(plan: Plan) -> Iterator[Callable[[], str]]:
    """Rules, then workloads, those of environments with findings unfolded; each is made when it is called."""
    if plan.rules:
        lines = [line for rule in plan.rules for line in _rule_lines(rule)]
        title = f"rules · {count(len(plan.rules), 'change')}"
        yield partial(folded, title, fence("diff", lines), unfolded=True)
    bad = {name for each in plan.since(Since.HEAD) for name in each.environments if each.is_error}
    for environment in plan.environments:
        for first, others in alike(environment.workloads):
            yield partial(_workload, environment, first, others, unfolded=environment.name in bad)


def _rule_lines(rule: RuleChange) -> list[str]:
    head = " ".join((MARKS.get(rule.action, "!"), rule.kind, rule.name, *rule.owners))
    return [head, *(line for field in rule.fields for line in _field(field))]


def _workload(
    environment: EnvironmentPlan, first: WorkloadPlan, others: Sequence[WorkloadPlan], *, unfolded: bool
) -> str:
    single = EnvironmentPlan(environment.name, (first,))
    names = [environment.name, workload_name(first.id), *filter(None, [special(first)])]
    facts = [html_code(name) for name in names]
    facts += [f"and {len(others)} more"] if others else []
    facts += [", ".join(counted(single))] if first.changes else []
    facts += [f"held: {first.held[0].code.name}"] if first.held else []
    facts += ["not compared"] if first.unknown else []
    facts += [f"owner {' '.join(map(html_code, first.owners))}"] if first.owners else []
    parts = [f"{code(line_of(first.origin))}"] if first.origin.path else []
    parts += [code(first.unknown)] if first.unknown else []
    lines = [line for several in grouped(first.changes) for line in _objects(several)]
    parts += [fence("diff", lines)] if lines else []
    parts += [f"The same in {code(listed([workload_name(each.id) for each in others]))}"] if others else []
    return folded(" · ".join(facts), "\n\n".join(parts), unfolded=unfolded)


def _objects(several: Sequence[Change]) -> list[str]:
    first = several[0]
    names = listed([object_name(change.key).replace("/", " ") for change in several])
    word = "" if first.action in MARKS else f" {first.action}"
    head = f"{MARKS.get(first.action, '#')} {names}{word}{f': {first.reason}' if first.reason else ''}"
    return [head, *(line for field in first.fields for line in _field(field))]


def _field(field: FieldChange) -> list[str]:
    """The value that goes and the one that comes, each on a line of its own."""
    name = changes.shown(field.path)
    gone = [f"-     {name}: {field.before}"] if field.before else []
    return [*gone, *([f"+     {name}: {field.after}"] if field.after else [])]
