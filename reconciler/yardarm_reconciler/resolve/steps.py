"""Steps of a pipeline: what each needs, which run it is, and what they hold at one time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from yardarm_reconciler.model.budget import Peak
from yardarm_reconciler.model.node import place_at
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.turns import before, circle, in_order
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import Resolved
from yardarm_reconciler.resolve import identity, peaks

UNKNOWN_STEP = Code(
    "reference/unknown-step",
    title="The pipeline has no such step",
    why="What needs it would wait for ever.",
    bad="steps: {train: {…}, eval: {needs: [trian], …}}",
    good="steps: {train: {…}, eval: {needs: [train], …}}",
)
CIRCLE = Code(
    "reference/steps-in-a-circle",
    title="Steps need each other",
    why="None of them could begin.",
    bad="steps: {a: {needs: [b], …}, b: {needs: [a], …}}",
    good="steps: {a: {…}, b: {needs: [a], …}}",
)

Steps = Mapping[str, Resolved[Any]]


def check(steps: Steps) -> Iterator[Diagnostic]:
    """Refuse steps that need what there is not, or one another."""
    for name, step in steps.items():
        for index, needed in enumerate(step.spec.needs):
            if needed not in steps:
                yield UNKNOWN_STEP.at(
                    place_at(step.node, ("spec", "needs", index)),
                    f"there is no step {needed!r}",
                    fix=did_you_mean(needed, sorted(set(steps) - {name})),
                    field=f"spec.steps.{name}.needs[{index}]",
                )
    found = circle(needs_of(steps))
    if found:
        first, index = found[0], steps[found[0]].spec.needs.index(found[1])
        yield CIRCLE.at(
            place_at(steps[first].node, ("spec", "needs", index)),
            f"steps need each other: {' → '.join(found)}",
            field=f"spec.steps.{first}.needs[{index}]",
        )


def needs_of(steps: Steps) -> dict[str, set[str]]:
    """What each step needs, of those that there are."""
    return {name: set(step.spec.needs) & steps.keys() for name, step in sorted(steps.items())}


def with_ids(steps: Steps) -> dict[str, Resolved[Any]]:
    """The steps with ids that include those of all that they need: another input is another run."""
    done: dict[str, Resolved[Any]] = {}
    for name in in_order(needs_of(steps)):
        step = steps[name]
        ids = [done[needed].run_id for needed in step.spec.needs]
        done[name] = replace(step, run_id=identity.of_step(step.run_id, name, ids))
    return {name: done[name] for name in steps}


def peak(steps: Steps, runs: int) -> Peak:
    """What they hold at one time, in so many runs of the whole."""
    return peaks.in_turn({name: step.peak for name, step in steps.items()}, before(needs_of(steps)), runs)
