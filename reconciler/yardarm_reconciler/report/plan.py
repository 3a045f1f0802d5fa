"""The screen of a plan: what would happen to which workload, devices and money, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from yardarm_reconciler.model.change import REMINDERS, Action, Change, FieldChange
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.plan import EnvironmentPlan, Plan, RuleChange, Since, WorkloadPlan
from yardarm_reconciler.report import changes, guard, numbers
from yardarm_reconciler.report.names import line_of, object_name, short, workload_name
from yardarm_reconciler.report.text import Look, count, screen, width

SHORT_DIGEST = 12
"""Characters of a digest that are shown."""

SHOWN = 10
"""Names of a list that are shown; of more it says how many."""

BY_A_GUARD = frozenset({"prune/held"})
"""Codes of what a guard says with all that it holds."""

BECAUSE = {
    Since.RULES: "only because this change loosens the rules there is nothing to hold:",
    Since.BASE: "in the base already:",
}
"""What is said above findings that the change itself does not bring."""


def human(plan: Plan, look: Look) -> str:
    """Workloads with their fields, rules, findings, what waits for a person, numbers, and the sum."""
    head = look.fold(look.say(f"{short(plan.base)} → {short(plan.head)}"), look.columns)
    blocks = [
        head,
        *(block for each in plan.environments for block in _environment(each, look)),
        *(_rule(each, look) for each in plan.rules if each.action is Action.CONFIGURED),
        _new_rules(plan.rules, look),
        *_findings(plan, look),
        *_guards(plan, look),
        numbers.table(plan, look),
    ]
    lines = [line for block in blocks if block for line in (*block, "")]
    return screen([*lines, *_sum(plan, look)])


def concise(plan: Plan, look: Look) -> str:
    """One line a field, an object without fields, a rule, a guard, a finding."""
    lines = [line for each in plan.environments for line in _concise(each)]
    for rule in plan.rules:
        start = f"rules {rule.kind}/{rule.name} {rule.action}"
        lines += [f"{start} {field.path} {changes.values(field)}" for field in rule.fields] or [start]
    lines += [f"{each.since} {each.diagnostic}" for each in plan.findings]
    return screen([look.say(line) for line in lines])


def _concise(environment: EnvironmentPlan) -> Iterator[str]:
    if environment.note:
        yield f"{environment.name} note {environment.note}"
    for each in environment.workloads:
        name = f"{environment.name} {each.id}"
        for word, told in (("renamed", each.renamed_from), ("moved", each.moved_from)):
            if told:
                yield f"{name} {word} from {told}"
        if each.owners:
            yield f"{name} owners {' '.join(each.owners)}"
        if each.unknown:
            yield f"{name} unknown {each.unknown}"
        for why in each.held[:1]:
            yield f"{name} held {why.code.name}"
        for change in each.changes:
            start = f"{name} {change.key} {change.action}"
            yield from [f"{start} {f.path} {changes.values(f)}" for f in change.fields] or [
                f"{start} {change.reason}"
            ]
    for held in environment.guards:
        yield f"{environment.name} {held.name} held {held.digest} {held.reason}"


# Workloads -------------------------------------------------------------------------------------------


def _environment(environment: EnvironmentPlan, look: Look) -> Iterator[list[str]]:
    """Every workload that does not stay as it is; those to which the very same happens by their names alone."""
    if environment.note:
        yield _note(environment.name, environment.note, look)
    told: list[str] = []
    for first, others in alike(environment.workloads):
        told += _workload(environment.name, first, look)
        if others:
            names = listed([workload_name(each.id) for each in others])
            told += look.indented(look.say(f"the same in {len(others)} more: {names}"), 4, "  ")
    if told:
        yield told
    elif not environment.note and not environment.guards:
        yield _note(environment.name, "nothing changes", look)


def _note(name: str, note: str, look: Look) -> list[str]:
    return look.indented(look.say(note), width(name) + 2, look.say(f"{name}  "))


def alike(plans: Iterable[WorkloadPlan]) -> list[tuple[WorkloadPlan, list[WorkloadPlan]]]:
    """The first of each group to which the same happens but for its name, and the others of it.

    What a guard alone holds is left out: the guard lists it.
    """
    groups: dict[object, tuple[WorkloadPlan, list[WorkloadPlan]]] = {}
    for each in sorted(plans, key=lambda plan: workload_name(plan.id)):
        if each.held and not each.changes and all(why.code.name in BY_A_GUARD for why in each.held):
            continue
        same = tuple((c.action, c.key.kind, _unnamed(c.fields, each.id)) for c in each.changes)
        special = (
            each.renamed_from or each.moved_from or each.unknown or not all(c.fields for c in each.changes)
        )
        codes = tuple(why.code.name for why in each.held)
        first = groups.setdefault((same, codes, each.id if special else ""), (each, []))
        if first[0] is not each:
            first[1].append(each)
    return list(groups.values())


def _unnamed(fields: Iterable[FieldChange], id_: str) -> tuple[FieldChange, ...]:
    """Fields with the workload's own name and team taken out of their values."""
    _, *names = id_.split("/")
    fields = tuple(fields)
    if not any(name in value for each in fields for value in (each.before, each.after) for name in names):
        return fields
    own = "|".join(map(re.escape, names))
    pattern = re.compile(rf"(?<![\w-])(?:{own})(?![\w-])")
    return tuple(
        FieldChange(each.path, pattern.sub("~", each.before), pattern.sub("~", each.after)) for each in fields
    )


def listed(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f", … and {more} more" if more > 0 else "")


def _workload(environment: str, each: WorkloadPlan, look: Look) -> list[str]:
    """The name, with what is special at the right end of the screen; its objects; why it is held."""
    name = look.say(f"{environment}  {workload_name(each.id)}")
    where = look.say("  ".join((special(each) or line_of(each.origin), *each.owners)).strip())
    gap = look.columns - width(name) - width(where)
    bold = look.paint("bold", name)
    head = [f"{bold}{' ' * gap}{where}"] if gap > 1 else [bold, *look.indented(where, 2)]
    notes = [f"not compared: {each.unknown}"] if each.unknown else []
    notes += [f"held: {why.code.name} {line_of(why.place)}".rstrip() for why in each.held[:1]]
    told = [line for note in notes for line in look.indented(look.say(note), 4, "  ")]
    return [*head, *told, *(line for several in grouped(each.changes) for line in _objects(several, look))]


def special(each: WorkloadPlan) -> str:
    """What it was called before, or where it lay."""
    if each.renamed_from:
        return f"RENAMED from {workload_name(each.renamed_from)}"
    return f"MOVED from {each.moved_from}" if each.moved_from else ""


def grouped(several: Iterable[Change]) -> list[list[Change]]:
    """Changes of objects in their order, those with the very same fields together."""
    groups: dict[object, list[Change]] = {}
    for change in several:
        alone = "" if change.fields else str(change.key)
        groups.setdefault((change.action, change.reason, change.fields, alone), []).append(change)
    return list(groups.values())


def _objects(several: Sequence[Change], look: Look) -> list[str]:
    names = listed([object_name(change.key).replace("/", " ") for change in several])
    return changes.lines(several[0], look, names)


# What to know ----------------------------------------------------------------------------------------


def _rule(rule: RuleChange, look: Look) -> list[str]:
    """A rule that the change is judged by and changes itself."""
    name = look.say(f"rules  {rule.kind} {rule.name}")
    place = look.say("  ".join((line_of(rule.origin), *rule.owners)).strip())
    gap = look.columns - width(name) - width(place)
    bold = look.paint("bold", name)
    head = [f"{bold}{' ' * gap}{place}"] if gap > 1 else [bold, f"  {place}"]
    return [*head, *changes.fields(rule.fields, look)]


def _new_rules(rules: Sequence[RuleChange], look: Look) -> list[str]:
    """Platform specs that come or go whole."""
    lines = []
    for action in (Action.CREATED, Action.DELETED):
        names = ", ".join(f"{rule.kind} {rule.name}" for rule in rules if rule.action is action)
        if names:
            symbol, colour = changes.SYMBOLS[action]
            first = f"rules  {look.paint(colour, look.say(symbol))} "
            lines += look.indented(look.say(names), width(first), first)
    return lines


def _findings(plan: Plan, look: Look) -> Iterator[list[str]]:
    """What the change brings in full, what only other rules let through, what was there before."""
    for since in Since:
        found = plan.since(since)
        if found:
            said = [look.say(BECAUSE[since])] if since in BECAUSE else []
            yield [
                *said,
                *(line for each in found for line in _finding(each.diagnostic, each.environments, look)),
            ]


def _finding(problem: Diagnostic, environments: Sequence[str], look: Look) -> list[str]:
    facts = [fact for fact in (problem.fix, problem.note) if fact]
    where = f" ({', '.join(environments)})" if environments else ""
    return [
        *look.indented(look.say(f"{problem}{where}"), 4),
        *(line for fact in facts for line in look.indented(look.say(fact), 6, "    = ")),
    ]


def _guards(plan: Plan, look: Look) -> Iterator[list[str]]:
    for environment in plan.environments:
        for held in environment.guards:
            name = look.paint("bold", look.say(environment.name))
            yield [name, *guard.lines(held, environment.name, look, wrote=False)]


def changing(plan: Plan) -> str:
    """How many environments change; whether the rules do, where nothing else does."""
    number = sum(each.changes for each in plan.environments)
    if number:
        return f"{count(number, 'environment')} change{'s' if number == 1 else ''}"
    return "only rules change" if plan.rules else "nothing changes"


def _sum(plan: Plan, look: Look) -> list[str]:
    """Whether there is anything wrong, how much changes, and the digest that names exactly that."""
    errors = sum(each.is_error for each in plan.since(Since.HEAD))
    warnings = len(plan.since(Since.HEAD)) - errors
    known = sum(each.is_error for each in plan.since(Since.BASE))
    loosened = len(plan.since(Since.RULES))
    guards = sum(each.name not in REMINDERS for env in plan.environments for each in env.guards)
    unknown = len(
        {each.id for environment in plan.environments for each in environment.workloads if each.unknown}
    )
    parts = [changing(plan)]
    parts += [f"{count(unknown, 'workload')} not compared"] if unknown else []
    parts += [count(errors, "error")] if errors else []
    parts += [count(warnings, "warning")] if warnings else []
    parts += [f"{count(known, 'error')} that the base has too"] if known else []
    parts += [f"{loosened} only let through by other rules"] if loosened else []
    parts += [f"{count(guards, 'confirmation')} needed"] if guards else []
    parts += [f"digest {plan.digest[:SHORT_DIGEST]}"] if plan.changes else []
    mark, colour = (
        ("✗", "red")
        if errors or guards
        else ("!", "yellow")
        if known or loosened or unknown
        else ("✓", "green")
    )
    first = f"{look.paint(colour, look.say(mark))} "
    return look.indented(look.say(" · ".join(parts)), width(first), first)
