"""What stands in the way: told with what to do, and an exit code that a script can go by."""

import json
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from tests.controlplane.versions import kubernetes_version
from tests.invoking import invoke
from yardarm_reconciler.cli.checks import git_of
from yardarm_reconciler.cli.checkup import NEWEST, SERVED_BY, clock_of, kubernetes_of, missing
from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.model.rights import Right
from yardarm_reconciler.report.doctor import Mark
from yardarm_schema.capabilities import Capability

POLICIES = GroupKind("networking.k8s.io", "NetworkPolicy")


@pytest.mark.parametrize(
    ("version", "mark"),
    [
        ("v1.29.9", Mark.WRONG),
        ("v1.30.0-eks-1a2b", Mark.FINE),
        ("v1.37.2", Mark.FINE),
        ("v1.99.0", Mark.NOTE),
        ("v2.0.0", Mark.NOTE),
        ("", Mark.WRONG),
    ],
)
def test_a_version_of_kubernetes_is_supported_tested_or_neither(version, mark):
    """An older one is in the way, a newer one is only told."""
    assert kubernetes_of(version, "").mark is mark


def test_the_newest_version_that_is_told_to_be_tested_is():
    """The tests' own API server is of it."""
    assert kubernetes_version().startswith(f"v{NEWEST[0]}.{NEWEST[1]}.")


@pytest.mark.parametrize(
    ("version", "mark"),
    [("2.39.5", Mark.FINE), ("2.47.0 (Apple Git-1)", Mark.FINE), ("2.38.9", Mark.WRONG), ("?", Mark.WRONG)],
)
def test_git_is_new_enough_or_in_the_way(version, mark):
    """A version that cannot be read is none that is known to do."""
    assert git_of(version).mark is mark


@pytest.mark.parametrize(
    ("seconds", "mark"), [(0, Mark.FINE), (-4, Mark.FINE), (61, Mark.WRONG), (-61, Mark.WRONG)]
)
def test_clocks_agree_or_are_in_the_way(seconds, mark):
    """In either direction."""
    assert clock_of(timedelta(seconds=seconds)).mark is mark


def test_missing_rights_are_told_by_the_rule_that_gives_them():
    """One rule for the same verbs in several namespaces, another where they are missing everywhere."""
    everywhere = [Right(POLICIES, "watch", space) for space in ("", "c")]
    lacking = [Right(POLICIES, verb, space) for verb in ("patch", "delete") for space in ("b", "a")]

    found = list(missing([*lacking, *everywhere], {POLICIES: "networkpolicies"}))

    assert [said for said, _ in found] == [
        "may not delete, patch networkpolicies.networking.k8s.io in a, b",
        "may not watch networkpolicies.networking.k8s.io in the whole cluster",
    ]
    assert found[0][1].startswith("give our account a Role there with: {apiGroups:")
    assert "ClusterRole" in found[1][1]


def test_a_capability_is_looked_for_by_its_api_group():
    """All but those that no group tells of: whoever adds one decides."""
    assert set(get_args(Capability)) - SERVED_BY.keys() == {"imageVolume", "activator"}


def test_what_is_in_the_way_is_exit_code_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Settings that are none; without any there is nothing to look at, and nothing in the way."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("YARDARM_CONFIG", raising=False)
    fine, _ = invoke("doctor")
    (tmp_path / "settings.yaml").write_text("kind: Settings\nunits: [{id: x}]\n")

    wrong, said = invoke("doctor", "--config", "settings.yaml", "--format", "json")

    assert (fine, wrong) == (0, 1)
    marks = {each["topic"]: each["mark"] for each in json.loads(said.output)["checks"]}
    assert marks == {"yardarm": "fine", "git": "fine", "settings": "wrong", "repository": "note"}


@pytest.mark.slow
def test_a_cluster_that_cannot_be_reached_is_in_the_way(tmp_path: Path):
    """And all else is looked at nevertheless."""
    gone = str(tmp_path / "kubeconfig")

    code, said = invoke("doctor", "-e", "dev", "--kubeconfig", gone, "--unit", "u", "--format", "json")

    (environment,) = json.loads(said.output)["environments"]
    assert code == 1
    assert [(each["topic"], each["mark"]) for each in environment["checks"]] == [
        ("repository", "fine"),
        ("cluster", "wrong"),
    ]
