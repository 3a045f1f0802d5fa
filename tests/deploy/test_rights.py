"""What the manifests let the reconciler do is what the program says that it needs, for all that specs become."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from tests.deploy.manifests import BASE, rights
from tests.rendering import REPOSITORY
from yardarm_reconciler.model.grants import CLUSTER_SCOPED, RENDERED, grants
from yardarm_reconciler.model.manifest import GroupKind

KIND = "yardarm.dev/workload-kind"


def rendered() -> Iterator[GroupKind]:
    """Kinds in what all cases and examples expect, but for what RawResources took as it was written."""
    for folder, files in (("tests/cases", "*/*/expected*.yaml"), ("examples", "*/expected/*.yaml")):
        for path in (REPOSITORY / folder).glob(files):
            for each in yaml.load_all(path.read_bytes(), yaml.CSafeLoader):
                if isinstance(each, dict) and "apiVersion" in each and "metadata" in each:
                    group, _, _ = each["apiVersion"].rpartition("/")
                    if (each["metadata"].get("labels") or {}).get(KIND) not in {None, "RawResources"}:
                        yield GroupKind(group, each["kind"])


def test_the_rules_in_the_manifests_are_those_of_the_program(update_cases):
    """Write them anew by `pytest tests/deploy/test_rights.py --update-cases`."""
    path, text = BASE / "rights.yaml", rights(grants())
    if update_cases:
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


def test_just_the_kinds_that_specs_become_are_granted():
    """One that some spec becomes and that is not granted fails in a cluster; one more would be a right too many."""
    assert set(rendered()) == set(RENDERED)


def test_outside_of_namespaces_only_namespaces_are_written():
    """All else of a cluster is read, and secrets not even that."""
    given = grants()
    writing = {"create", "patch", "delete", "update", "escalate", "bind", "*"}
    written = [name for rule in given.everywhere if writing & {*rule["verbs"]} for name in rule["resources"]]
    named = {
        name
        for rules in (given.everywhere, given.teams, given.records)
        for rule in rules
        for name in rule["resources"]
    }

    assert [each.kind for each in CLUSTER_SCOPED] == ["Namespace"]
    assert written == ["namespaces"]
    assert not named & {"secrets", "*", "nodes", "clusterroles"}


def test_kinds_of_an_environments_own_are_added():
    """What RawResources of some environment may hold is read everywhere and written in namespaces of teams."""
    own = grants({GroupKind("example.com", "Index"): "indexes"})

    assert {
        "apiGroups": ["example.com"],
        "resources": ["indexes"],
        "verbs": ["list", "watch"],
    } in own.everywhere
    written = {
        "apiGroups": ["example.com"],
        "resources": ["indexes"],
        "verbs": ["create", "delete", "get", "patch"],
    }
    assert written in own.teams
