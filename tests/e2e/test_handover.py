"""`yardarm handover`: a team goes from one unit to another, with nothing deleted, made anew or run twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.controlplane.waiting import wait_until
from tests.e2e.handing import Handing, begun, inventory, second, uids
from tests.e2e.harness import Site
from tests.e2e.running import reconciler
from tests.invoking import invoke
from yardarm_reconciler.model.change import Action, Sync


@pytest.fixture
def handing(site: Site) -> Handing:
    """A team that runs, and a second unit that wants the same."""
    begun(site)
    return Handing.of(site)


def test_a_team_changes_hands_after_a_yes(handing: Handing):
    """It is shown first; then all is the other unit's, which has nothing to do, and the first leaves it alone."""
    code, said = handing.taker.cli("handover", "--from", handing.giver.unit)
    assert (code, f"{len(handing.uids)} objects of 4 workloads" in said) == (3, True)
    assert handing.written() == []

    code, said = handing.taker.cli(*handing.arguments())
    assert code == 0, said
    handing.check()
    first = handing.taker.look()
    assert {each.sync for each in first.report.workloads} == {Sync.SYNCED}

    said = handing.giver.cli("status")[1]
    assert said.count("apply/handed-over") == 4, said
    handing.giver.files = {}
    handing.giver.commit()
    gone = handing.giver.start()()
    assert (gone.objects, gone.report.guards) == ([], ())


def test_a_run_that_has_changed_hands_is_not_run_again(handing: Handing):
    """Its object is gone, and both repositories still ask for it: the ledger that knows of it went with it."""
    handing.giver.until_quiet(but={f"BatchJob/{handing.giver.team}/index"})
    assert handing.taker.cli(*handing.arguments())[0] == 0
    (name,) = (each for each in handing.giver.names("batch/jobs") if each.startswith("ended-"))
    handing.giver.api.delete(handing.giver.path("batch/jobs", name))
    passes = [unit.start()() for _ in range(2) for unit in (handing.giver, handing.taker)]

    assert [line for each in passes for line in each.objects if "jobs/" in line] == []
    assert name not in handing.giver.names("batch/jobs")


def test_a_reconciler_that_runs_is_not_disturbed(handing: Handing):
    """It holds the cluster's lease: nothing is handed over under its hands."""
    arguments = handing.arguments()
    errors = handing.giver.folder / "reconciler.err"
    with reconciler(handing.giver.settings, errors) as running:
        wait_until("a pass", lambda: bool(running.revisions(handing.giver.environment)))
        code, said = handing.taker.cli(*arguments)

    assert code == 5, said
    assert inventory(handing.taker).parent is None


def test_what_the_other_unit_does_not_want_is_not_handed_over(
    handing: Handing, capsys: pytest.CaptureFixture[str]
):
    """It would delete it: that is said, and nothing is written."""
    handing.taker.remove("api")
    handing.taker.commit()

    assert handing.taker.cli("handover", "--from", handing.giver.unit)[0] == 3
    assert f"Service/{handing.giver.team}/api: it would be deleted" in capsys.readouterr().err
    assert handing.written() == []


def test_what_another_unit_has_adopted_is_its_own(site: Site):
    """Without a handover, by a yes to the adoption: the first unit neither takes it back nor deletes it."""
    site.write(site.service("api"))
    site.commit()
    site.look()
    other = second(site)
    # Stage by stage: an object that is in the way holds up those behind it.
    while guards := other.look().report.guards:
        other.confirm(guards[0])
    theirs = uids(other)
    assert f"Deployment.apps/{site.namespace}/api" in theirs
    met = site.start()()
    site.remove("api")
    site.commit()
    gone = site.start()()

    assert (met.objects, gone.objects) == ([], [])
    assert {each.action for each in met.changes(*Action)} == {Action.CONFLICT, Action.SKIPPED}
    assert uids(other) == theirs


def test_another_digest_hands_over_nothing(handing: Handing):
    """A person says yes to just what was shown."""
    code, said = handing.taker.cli("handover", "--from", handing.giver.unit, "--confirm", "0" * 12)

    assert code == 3, said
    assert inventory(handing.taker).parent is None


def test_a_team_may_come_back(handing: Handing):
    """The way back is the same; what the first unit noted is taken back with it."""
    assert handing.taker.cli(*handing.arguments())[0] == 0
    back = Handing(handing.taker, handing.giver, handing.mark, handing.uids)
    code, said = back.taker.cli(*back.arguments())

    assert code == 0, said
    back.check()
    parent = inventory(back.taker).parent
    assert parent is not None
    assert (parent.handed, parent.receiving) == ({}, {})


def test_a_team_goes_by_itself(handing: Handing):
    """What other teams have stays."""
    code, said = handing.taker.cli("handover", "nobody", "--from", handing.giver.unit)

    assert (code, "nothing of team nobody" in said) == (0, True), said


def test_a_directory_has_one_unit(tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]):
    """There is nothing to hand over between."""
    site.write(site.service("api"))
    site.commit()
    where = ("-C", str(site.repository), "--directory", str(tmp_path / "rendered"))
    code, _ = invoke("handover", "--from", "u-other", "-e", site.environment, *where)

    assert (code, "a directory has one unit" in capsys.readouterr().err) == (2, True)
