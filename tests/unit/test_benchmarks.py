"""The history of the benchmarks, what is said of two runs of it, and the page that is made of the last one."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import history
from benchmarks.aims import AIMS, missed
from benchmarks.cases import CASES
from benchmarks.page import PAGE, renewed
from benchmarks.results import Result, Run
from benchmarks.validating import OFFLINE

UPGRADE = Result(
    name="upgrade",
    seconds=15.0,
    cpu_seconds=6.0,
    peak_rss_bytes=150_000_000,
    requests={"dry-run": 1000, "patch": 1000, "record": 9},
    floor_seconds=10.0,
    floor_cpu_seconds=2.0,
    workloads=1000,
    objects=4000,
)


def run_of(*results: Result) -> Run:
    """One day's results."""
    return Run("2026-01-15T12:00:00+00:00", {"cpus": 2}, {"python": "3.11.7"}, results)


def test_the_page_shows_the_last_run_that_was_kept():
    """`python -m benchmarks --keep` renews it: no figure is written by hand."""
    page = PAGE.read_text()

    assert renewed(page, history.read()[-1]) == page


def test_every_run_that_was_kept_is_whole_and_in_order():
    """Each names its machine and versions, and the last has all cases that there are."""
    kept = history.read()

    assert [each.date for each in kept] == sorted(each.date for each in kept)
    assert all(each.machine["cpus"] and each.versions["yardarm"] for each in kept)
    assert [each.name for each in kept[-1].results] == [*CASES, *OFFLINE]


def test_every_case_says_what_is_aimed_at():
    """A case that is added has a line among the aims."""
    assert set(AIMS) == {*CASES, *OFFLINE}


def test_a_run_is_kept_behind_the_others(tmp_path: Path):
    """Nothing that was kept is lost, and it is read as it was written."""
    file = tmp_path / "history.json"
    first, second = run_of(UPGRADE), replace(run_of(UPGRADE), note="The second.")
    history.keep(first, file)
    history.keep(second, file)

    assert history.read(file) == [replace(each, results=[UPGRADE]) for each in (first, second)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "as before"),
        ({"cpu_seconds": 7.4}, "as before"),
        ({"cpu_seconds": 7.6}, "worse"),
        ({"cpu_seconds": 7.6, "floor_cpu_seconds": 2.6}, "as before"),
        ({"cpu_seconds": 4.0}, "better"),
        ({"seconds": 60.0}, "as before"),
        ({"peak_rss_bytes": 190_000_000}, "worse"),
        ({"requests": {"dry-run": 1000, "patch": 1001}}, "worse"),
        ({"requests": {"dry-run": 1200, "patch": 1000, "record": 30}}, "as before"),
    ],
)
def test_worse_is_more_cpu_beside_the_floors_or_memory_or_a_write(changes, said):
    """Seconds are of the machine and its day; a quarter of CPU or memory is noise, a write never is."""
    (sentence,) = history.compare(run_of(UPGRADE), run_of(replace(UPGRADE, **changes)))

    assert sentence.removeprefix("upgrade: ").split(",")[0] == said


def test_what_was_measured_at_another_size_is_not_compared():
    """A quick look with twenty workloads says nothing of a thousand."""
    small = run_of(replace(UPGRADE, workloads=20, cpu_seconds=60.0))

    assert history.compare(run_of(UPGRADE), small) == history.regressions(run_of(UPGRADE), small) == []


def test_an_aim_is_of_the_case_and_of_the_others_of_its_run():
    """One upgrade may take as long as 1.5 floors; with a bad spec in it, as long as filling an empty cluster."""
    slow, bad = replace(UPGRADE, seconds=15.1), replace(UPGRADE, name="bad", seconds=15.1)
    cold = replace(UPGRADE, name="cold", seconds=15.0)

    assert missed(UPGRADE, run_of(UPGRADE)) == []
    assert missed(slow, run_of(slow)) == ["at most 1.5 times the floor"]
    assert (missed(bad, run_of(bad)), missed(bad, run_of(cold, bad))) == ([], ["no slower than cold"])
