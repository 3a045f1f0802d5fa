"""What shall run: candidates, last good bytes, budgets."""

from decimal import Decimal

from tests.builders import UNLIMITED, config_map, inventory, record, workload
from yardarm_reconciler.decide.effective import Effective, effective
from yardarm_reconciler.model.budget import TOTAL, Limit, Limits
from yardarm_reconciler.model.origin import Code, Place

INVALID = Code("field/unknown", "t", "w").at(Place("workloads/a.yaml", 3, 1))
HERE = Place("teams.yaml", 9, 3)


def choose(candidates, recorded=None, limits=UNLIMITED, held=None, broken=None) -> Effective:
    """Choose with nothing recorded, unlimited, held or broken unless said."""
    return effective(candidates, held or {}, broken or {}, recorded or inventory(), limits, "new")


def held_ids(chosen: Effective) -> set[str]:
    """Ids of what is held."""
    return {each.workload.id for each in chosen.wanted if each.held}


def team_limit(most: int) -> Limits:
    """A budget of the team nlp."""
    return Limits(Limit("dev"), Limit("one"), {"nlp": Limit("nlp", {"h100": (most, HERE)})})


def test_a_held_workload_is_wanted_at_its_last_good_bytes():
    """An invalid spec neither changes nor removes what runs: its last good manifests are what is wanted."""
    good = config_map("a")
    recorded = inventory(record("Service/nlp/a", last_good=[good]))

    (wanted,) = choose([], recorded, held={"Service/nlp/a": (INVALID,)}).wanted

    assert wanted.workload.manifests == (good,)
    assert wanted.held == (INVALID,)
    assert wanted.revision == "c0ffee"


def test_a_workload_that_git_no_longer_has_is_removed():
    """What is recorded and neither wanted nor held is removed."""
    chosen = choose([], inventory(record("Service/nlp/a")))

    assert [each.id for each in chosen.removed] == ["Service/nlp/a"]


def test_a_file_that_cannot_be_read_holds_what_was_recorded_there_and_nothing_else():
    """A syntax error is no removal of the workloads of that file."""
    recorded = inventory(record("Service/nlp/a"), record("Service/nlp/b", path="workloads/b.yaml"))

    chosen = choose([], recorded, broken={"workloads/a.yaml": (INVALID,)})

    assert held_ids(chosen) == {"Service/nlp/a"}
    assert [each.id for each in chosen.removed] == ["Service/nlp/b"]


def test_a_team_over_budget_holds_the_newcomer_and_names_the_incumbent():
    """What runs keeps its devices; the workload that would exceed the budget is held, with the arithmetic."""
    recorded = inventory(record("Service/nlp/old", devices={"h100": 8}))
    candidates = [
        workload("Service/nlp/a-new", devices={"h100": 8}),
        workload("Service/nlp/old", devices={"h100": 8}),
    ]

    chosen = choose(candidates, recorded, team_limit(12))

    assert held_ids(chosen) == {"Service/nlp/a-new"}
    (found,) = chosen.diagnostics
    assert found.code.name == "budget/team-exceeded"
    assert "old (8)" in found.note


def test_a_smaller_request_is_accepted_where_the_budget_is_exceeded_already():
    """A budget that was lowered below what runs never blocks the way down."""
    recorded = inventory(record("Service/nlp/a", devices={"h100": 16}))

    chosen = choose([workload("Service/nlp/a", devices={"h100": 8})], recorded, team_limit(4))

    assert held_ids(chosen) == set()


def test_a_held_workload_counts_with_its_last_good_devices():
    """What is held still holds its devices: nobody else gets them."""
    recorded = inventory(record("Service/nlp/a", devices={"h100": 8}))
    candidates = [workload("Service/nlp/b", devices={"h100": 8})]

    chosen = choose(candidates, recorded, team_limit(12), held={"Service/nlp/a": (INVALID,)})

    assert held_ids(chosen) == {"Service/nlp/a", "Service/nlp/b"}


def test_a_removed_workload_counts_until_it_is_gone():
    """Reductions settle before increases that need them: the next pass accepts the newcomer."""
    recorded = inventory(record("Service/nlp/gone", devices={"h100": 8}))

    chosen = choose([workload("Service/nlp/b", devices={"h100": 8})], recorded, team_limit(8))

    assert held_ids(chosen) == {"Service/nlp/b"}


def test_the_environment_total_counts_devices_of_all_classes():
    """``total`` bounds the sum over classes and teams."""
    limits = Limits(Limit("dev", {TOTAL: (10, HERE)}), Limit("one"))
    candidates = [
        workload("Service/nlp/a", devices={"h100": 8}),
        workload("Service/search/b", devices={"l4": 4}),
    ]

    assert held_ids(choose(candidates, limits=limits)) == {"Service/search/b"}


def test_money_is_a_budget_like_devices():
    """The cost per hour at peak is summed and bounded."""
    limits = Limits(Limit("dev", cost_per_hour=Decimal(10), cost_place=HERE), Limit("one"))
    candidates = [workload("Service/nlp/a", cost="6"), workload("Service/nlp/b", cost="6")]

    assert held_ids(choose(candidates, limits=limits)) == {"Service/nlp/b"}


def test_one_workload_is_bounded_by_itself():
    """The limit per workload holds without any other workload."""
    limits = Limits(Limit("dev"), Limit("one workload", {TOTAL: (4, HERE)}))

    (found,) = choose([workload("Service/nlp/a", devices={"h100": 8})], limits=limits).diagnostics

    assert found.code.name == "budget/workload-exceeded"


def test_the_order_of_candidates_does_not_matter():
    """The same set is accepted whatever order it comes in."""
    candidates = [workload(f"Service/nlp/{name}", devices={"h100": 4}) for name in "dbca"]

    assert choose(candidates, limits=team_limit(8)) == choose(candidates[::-1], limits=team_limit(8))
