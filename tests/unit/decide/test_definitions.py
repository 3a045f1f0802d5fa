"""Definitions of kinds: a version as which objects may be stored stays."""

from dataclasses import replace

import pytest

from tests.builders import config_map, entry, seen
from yardarm_reconciler.decide.definitions import keep_stored
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.model.manifest import manifest

MAP = config_map("a")


def todo(wanted, stored, verb=Verb.UPDATE):
    """A workload that changes a definition, and something beside it."""
    versions = [{"name": name} for name in wanted] if isinstance(wanted, list) else wanted
    made = manifest(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "things.example.com"},
            "spec": {"versions": versions},
        }
    )
    live = seen(made.key, status={"storedVersions": stored} if stored else {})
    steps = (Step(verb, made.key, made, entry(made), live), Step(Verb.CREATE, MAP.key, MAP))
    return Todo("RawResources/nlp/a", None, None, steps)


@pytest.mark.parametrize(
    ("wanted", "stored", "verb", "named"),
    [
        (["v1"], ["v1alpha1", "v1beta1", "v1"], Verb.UPDATE, "v1alpha1, v1beta1"),
        (["v1"], ["v1alpha1"], Verb.UPDATE, "v1alpha1"),
        (["v1alpha1", "v1"], ["v1alpha1"], Verb.UPDATE, ""),
        (["v1"], ["v1"], Verb.UPDATE, ""),
        (["v1"], [], Verb.UPDATE, ""),
        (["v1"], ["v1alpha1"], Verb.KEEP, ""),
        ("v1", ["v1"], Verb.UPDATE, "v1"),
    ],
    ids=[
        "two",
        "the only one",
        "both stay",
        "moved on",
        "nothing stored yet",
        "nothing is written",
        "nonsense",
    ],
)
def test_a_stored_version_is_not_dropped(wanted, stored, verb, named):
    """The reason names the versions and where they are remembered; the workload waits as a whole."""
    (held,) = keep_stored([todo(wanted, stored, verb)])

    assert bool(held.blocked) is bool(named)
    assert not named or (f"stored as {named}," in held.blocked and "status.storedVersions" in held.blocked)


def test_what_is_blocked_already_says_why_as_before():
    """The first reason stays."""
    blocked = replace(todo(["v1"], ["v1alpha1"]), blocked="kind missing")

    assert keep_stored([blocked]) == (blocked,)
