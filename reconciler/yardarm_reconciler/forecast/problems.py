"""Everything that is wrong with the head, whose fault it is, and what only a change of the rules lets through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from yardarm_reconciler.decide.choice import ENVIRONMENT_GONE
from yardarm_reconciler.decide.guards import PRUNE_HELD
from yardarm_reconciler.forecast.sides import Revisions
from yardarm_reconciler.forecast.simulation import Upon, upon
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.origin import Diagnostic, Found
from yardarm_reconciler.model.plan import Finding, Since
from yardarm_reconciler.pipeline import Machinery, affordable, desired_in, specs_in
from yardarm_reconciler.plan.rules import under_the_base

TOLD_ELSEWHERE = frozenset({PRUNE_HELD, ENVIRONMENT_GONE})
"""What the plan says by a guard or a note."""

Identity = tuple[str, str, str, str]


Gathered = dict[Identity, tuple[Diagnostic, tuple[str, ...]]]
"""Problems, each once, with the environments that it is one in; none where that is all of them."""


def findings(
    both: Revisions, decided: Mapping[str, Upon], machinery: Machinery, *, loosened: bool
) -> tuple[Finding, ...]:
    """Problems of the head, then what would be one under the rules of the base.

    Args:
        both: the two revisions.
        decided: by environment, but for those of which nothing can be said.
        machinery: to judge by the rules of the base.
        loosened: whether the rules are not the same.
    """
    known = {_identity(each) for each in both.found_in_base}
    for sides in both.environments.values():
        known |= {_identity(each) for each in (*sides.base.diagnostics, *affordable(sides.base))}
    head = _gathered(
        both.found_in_head,
        {name: _in(sides.head, decided.get(name)) for name, sides in both.environments.items()},
    )
    told = [
        Finding(each, Since.BASE if identity in known else Since.HEAD, environments)
        for identity, (each, environments) in head.items()
    ]
    if loosened:
        strict = _strictly(both, decided.keys(), machinery)
        told += [
            Finding(each, Since.RULES, environments)
            for identity, (each, environments) in strict.items()
            if each.is_error and identity not in known and identity not in head
        ]
    return tuple(sorted(told, key=lambda each: (list(Since).index(each.since), each.diagnostic.sort_key)))


def _in(desired: Desired, decided: Upon | None) -> tuple[Diagnostic, ...]:
    """Of one environment; budgets upon what runs, else by themselves: a limit that was lowered holds nothing back."""
    problems = decided.problems if decided else ()
    held = any(each.code.name.startswith("budget/") for each in problems)
    return (*desired.diagnostics, *problems, *(() if held else affordable(desired)))


def _strictly(both: Revisions, names: Iterable[str], machinery: Machinery) -> Gathered:
    """What the head would be refused for under the rules that it changes."""
    specs = specs_in(Found(under_the_base(both.base, both.head)))
    judged = {name: desired_in(specs, name) for name in names}
    return _gathered(
        specs.diagnostics,
        {
            name: _in(strict, upon(both.environments[name].base, strict, machinery))
            for name, strict in judged.items()
            if strict.resolution.environment is not None
        },
    )


def _gathered(everywhere: Iterable[Diagnostic], environments: Mapping[str, Iterable[Diagnostic]]) -> Gathered:
    found: Gathered = {_identity(each): (each, ()) for each in everywhere}
    general = set(found)
    for name, problems in environments.items():
        for each in problems:
            identity = _identity(each)
            if identity not in general and each.code not in TOLD_ELSEWHERE:
                _, others = found.get(identity, (each, ()))
                found[identity] = (each, tuple(dict.fromkeys((*others, name))))
    return found


def _identity(each: Diagnostic) -> Identity:
    """What makes two problems one, wherever the line has moved to."""
    return each.code.name, each.place.path, each.field, each.message
