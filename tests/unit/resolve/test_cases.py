"""Case folders of the stage resolve: a small config repository each, and what it means in one environment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rendering import Rendered, render
from tests.trees import MemoryTree, of_directory
from yardarm_reconciler.model.budget import Limit
from yardarm_reconciler.model.node import plain
from yardarm_reconciler.model.workload import Resolution
from yardarm_reconciler.model.yaml_text import yaml_text

CASES = Path(__file__).parents[2] / "cases" / "resolve"
SHARED = CASES / "_platform"
ENVIRONMENT = "production"


def tree(folder: Path) -> MemoryTree:
    """The case's files over those of the platform that all cases share."""
    return MemoryTree({**of_directory(SHARED).contents, **of_directory(folder).contents})


def said(folder: Path) -> str:
    """What a case comes to, as text."""
    rendered = render(tree(folder), ENVIRONMENT)
    return "".join(f"{line}\n" for line in (*_problems(rendered), *_outcome(rendered.resolution)))


def _problems(rendered: Rendered) -> Iterator[str]:
    for problem in rendered.diagnostics:
        yield f"{problem.place} {problem.code.name} {problem.field}".rstrip()


def _outcome(resolution: Resolution) -> Iterator[str]:
    if resolution.environment is None:
        yield f"no environment, {'frozen' if resolution.frozen else 'not frozen'}"
    for id_ in sorted(resolution.held):
        yield f"held {id_}: {', '.join(sorted({problem.code.name for problem in resolution.held[id_]}))}"
    for workload in resolution.workloads:
        yield f"resolved {workload.id} in {workload.namespace}"
        if workload.kind == "Team":
            continue
        peak = workload.peak
        if peak.devices:
            yield f"  # {dict(peak.devices)} for {peak.cost_per_hour} an hour: {peak.arithmetic}"
        spec = plain(workload.node)["spec"]
        yield from (f"  {line}" for line in yaml_text(spec).splitlines())
    assert resolution.present == {*resolution.held, *(each.id for each in resolution.workloads)}
    for limit in (
        resolution.limits.environment,
        resolution.limits.per_workload,
        *resolution.limits.teams.values(),
    ):
        yield from _limit(limit)


def _limit(limit: Limit) -> Iterator[str]:
    devices = {name: most for name, (most, _) in sorted(limit.devices.items())}
    if devices or limit.cost_per_hour is not None:
        yield f"limit of {limit.owner}: {devices} {limit.cost_per_hour}"


@pytest.mark.parametrize("folder", sorted(set(CASES.iterdir()) - {SHARED}), ids=lambda path: path.name)
def test_case(folder, update_cases):
    """The folder's name is the behaviour; its expected.txt is what becomes of it in production."""
    expected = folder / "expected.txt"
    if update_cases:
        expected.write_text(said(folder))
    assert said(folder) == expected.read_text()
