"""Who may write what."""

from dataclasses import replace

import pytest

from tests.builders import record
from yardarm_reconciler.decide.authorize import deny, namespaces
from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.inventory.records import Entry, EntryState, Inventory
from yardarm_reconciler.model.manifest import Key

TODO = Todo("Service/nlp/a", None, None, ())
OWN = {"nlp": frozenset({"nlp-production"})}


def policy(namespace="gateways", name="nlp-production.a", kind="AuthorizationPolicy"):
    """A policy of Istio, for a route."""
    return Key("security.istio.io", kind, namespace, name)


def test_policies_for_routes_lie_beside_the_gateway():
    """Istio reads them nowhere else."""
    assert deny(TODO, policy(), OWN, "gateways") == ""
    assert deny(TODO, policy(kind="RequestAuthentication"), OWN, "gateways") == ""


@pytest.mark.parametrize(
    "key",
    [
        policy(namespace="elsewhere"),
        policy(name="search-production.a"),
        policy(name="nlp-production-a"),
        Key("", "ConfigMap", "gateways", "nlp-production.a"),
    ],
)
def test_nothing_else_is_written_beside_the_gateway(key):
    """Neither in other namespaces, nor under names of other teams, nor of other kinds."""
    assert deny(TODO, key, OWN, "gateways") != ""


def test_a_policy_can_be_taken_away_when_the_gateway_has_moved():
    """What was written there is known as ours."""
    known = replace(TODO, record=record(TODO.id, Entry(policy(), EntryState.OWNED, "u1")))

    assert deny(known, policy(), OWN, "other-gateways") == ""


def test_a_policy_beside_the_gateway_does_not_make_its_namespace_the_teams():
    """Else the next pass could write anything there."""
    inventory = Inventory(None, {TODO.id: record(TODO.id, Entry(policy(), EntryState.OWNED, "u1"))})

    assert namespaces((), inventory).get("nlp", set()) == set()
