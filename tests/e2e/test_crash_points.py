"""SIGKILL at every named point of the engine: the next start converges, and the inventory is what exists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from tests.e2e.crash_points import Effect
from tests.e2e.crash_sweep import PASSES, cases, rehearsed, sampled, sweep
from tests.e2e.harness import Site
from tests.rendering import REPOSITORY

pytestmark = pytest.mark.timeout(900)

PAGE = REPOSITORY / "docs" / "crash-points.md"
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"
FEWEST = 5
"""Deaths of any kind of pass: with fewer, something is not swept."""

NEVER = "·"
SWEPT = "✓"


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_may_be_killed_at_a_sample_of_its_points(sites: Callable[[], Site], name: str):
    """Each effect of each kind of pass once; and the page shows just those that it has."""
    effects = rehearsed(sites(), name)

    assert sweep(sites, name, sampled(effects, [*PASSES].index(name))) >= FEWEST
    assert column(name) == cells(effects)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", PASSES)
def test_a_pass_may_be_killed_at_any_of_its_points(
    sites: Callable[[], Site],
    update_cases: bool,  # noqa: FBT001 - a fixture
    name: str,
):
    """Every point, at the first and the last effect of its name: that is what the page shows."""
    effects = rehearsed(sites(), name)
    deaths = sweep(sites, name, cases(effects))
    if update_cases:
        write(name, [*cells(effects), f"{deaths} on {datetime.now(UTC):%Y-%m-%d}"])

    assert deaths >= FEWEST
    assert column(name) == cells(effects)


def cells(effects: Sequence[Effect]) -> list[str]:
    """What a column of the page says."""
    return [SWEPT if effect in effects else NEVER for effect in Effect]


def column(name: str) -> list[str]:
    """One column of the page's table, but for how many deaths it stands for."""
    lines = PAGE.read_text().partition(BEGIN)[2].partition(END)[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    by_effect = {row[0]: row[rows[0].index(name)] for row in rows}
    return [by_effect[effect.value] for effect in Effect]


def write(name: str, new: Sequence[str]) -> None:
    """Put one column into the page's table, and leave the others as they are."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    table, _, after = rest.partition(END)
    heads = ["just before, and just after:", *(effect.value for effect in Effect), "deaths"]
    old = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line]
    known = {row[each]: [by[each] for by in old[2:]] for row in old[:1] for each in range(1, len(row))}
    known[name] = [*new]
    columns = [[each, *known.get(each, [NEVER] * len(heads[1:]))] for each in PASSES]
    rows = [f"| {' | '.join(cells_)} |" for cells_ in zip(heads, *columns, strict=True)]
    rows.insert(1, f"| --- |{' :-: |' * len(PASSES)}")
    PAGE.write_text("\n".join([before + BEGIN, "", *rows, "", END]) + after)
