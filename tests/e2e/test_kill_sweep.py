"""SIGKILL at any write: the next start of the program converges, with nothing orphaned and nothing doubled."""

from collections.abc import Callable

import pytest

from tests.e2e.harness import Site
from tests.e2e.kill_sweep import End, sweep
from tests.e2e.phases import Phase, another_kind, another_team, everything, fetch, first_apply, prune, upgrade

pytestmark = pytest.mark.timeout(900)

FEWEST = 5
"""Writes of any phase: with fewer, something is not swept."""

PHASES = [first_apply, everything, upgrade, prune, another_kind, another_team, fetch]


@pytest.mark.parametrize("end", [End.UNSENT, End.UNREAD], ids=lambda end: end.name.lower())
def test_a_pass_may_be_killed_at_any_write(sites: Callable[[], Site], end: End):
    """Whether the write never left or its answer was never read: the next run finishes it, each object made once."""
    assert sweep(sites, everything, end) >= FEWEST


@pytest.mark.parametrize(
    ("phase", "end"),
    [
        (first_apply, End.UNSENT),
        (first_apply, End.UNREAD),
        (fetch, End.UNREAD),
        (everything, End.UNHEARD),
        (everything, End.OVERTAKEN),
    ],
    ids=lambda each: each.name.lower() if isinstance(each, End) else each.__name__,
)
def test_other_passes_and_ends_at_some_writes(sites: Callable[[], Site], phase: Phase, end: End):
    """A first apply, a fetch, writes that arrive when nobody waits any more, and another process in between."""
    assert sweep(sites, phase, end, every=4) >= FEWEST


@pytest.mark.long
@pytest.mark.parametrize("end", End, ids=lambda end: end.name.lower())
@pytest.mark.parametrize("phase", PHASES)
def test_any_pass_may_be_broken_off_at_any_write(
    sites: Callable[[], Site], record_property: Callable[[str, object], None], phase: Phase, end: End
):
    """Each kind of change by itself, each end, each write."""
    writes = sweep(sites, phase, end)
    record_property("writes", writes)
    print(f"{phase.__name__} has {writes} writes")  # noqa: T201 - pytest shows it to whoever asks
    assert writes >= FEWEST
