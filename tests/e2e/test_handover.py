"""`yardarm handover`: a team goes from one unit to another, with nothing deleted, made anew or run twice."""

from __future__ import annotations

import pytest

from tests.e2e.handing import Handing, begun, inventory
from tests.e2e.harness import Site
from yardarm_reconciler.model.change import Sync


@pytest.fixture
def handing(site: Site) -> Handing:
    """A team that runs, and a second unit that wants the same."""
    begun(site)
    return Handing.of(site)


def test_a_team_changes_hands_after_a_yes(handing: Handing):
    """It is shown first; then all is the other unit's, which has nothing to do, and the first leaves it alone."""
    code, said = handing.taker.cli("handover", "--from", handing.giver.unit)
    assert (code, f"{len(handing.uids)} objects of 4 workloads" in said) == (3, True)
    assert handing.giver.audit.since(handing.mark).writes() == handing.asked()

    code, said = handing.taker.cli(*handing.arguments())
    assert code == 0, said
    handing.check()
    first = handing.taker.look()
    assert {each.sync for each in first.report.workloads} == {Sync.SYNCED}

    handing.giver.files = {}
    handing.giver.commit()
    gone = handing.giver.start()()
    assert (gone.objects, gone.report.guards) == ([], ())


def test_what_the_other_unit_does_not_want_is_not_handed_over(
    handing: Handing, capsys: pytest.CaptureFixture[str]
):
    """It would delete it: that is said, and nothing is written."""
    handing.taker.remove("api")
    handing.taker.commit()

    assert handing.taker.cli("handover", "--from", handing.giver.unit)[0] == 3
    assert f"Service/{handing.giver.team}/api: it would be deleted" in capsys.readouterr().err
    assert list(handing.giver.audit.since(handing.mark).writes()) == []


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


def test_a_directory_has_one_unit(tmp_path, site: Site):
    """There is nothing to hand over between."""
    begun_ = ("-C", str(site.folder), "--directory", str(tmp_path / "rendered"))
    code, said = site.cli("handover", "--from", "u-other", *begun_)
    assert code == 2, said
