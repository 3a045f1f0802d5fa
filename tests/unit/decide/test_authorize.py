"""Who may write what."""

from dataclasses import replace

import pytest

from tests.builders import record
from yardarm_reconciler.decide.authorize import Admitted, deny, namespaces
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
    assert deny(TODO, policy(), OWN, Admitted("gateways")) == ""
    assert deny(TODO, policy(kind="RequestAuthentication"), OWN, Admitted("gateways")) == ""


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
    assert deny(TODO, key, OWN, Admitted("gateways")) != ""


def test_a_policy_can_be_taken_away_when_the_gateway_has_moved():
    """What was written there is known as ours."""
    known = replace(TODO, record=record(TODO.id, Entry(policy(), EntryState.OWNED, "u1")))

    assert deny(known, policy(), OWN, Admitted("other-gateways")) == ""


def test_a_policy_beside_the_gateway_does_not_make_its_namespace_the_teams():
    """Else the next pass could write anything there."""
    inventory = Inventory(None, {TODO.id: record(TODO.id, Entry(policy(), EntryState.OWNED, "u1"))})

    assert namespaces((), inventory).get("nlp", set()) == set()


DEFINED = Key("apiextensions.k8s.io", "CustomResourceDefinition", "", "things.example.com")


def test_definitions_of_kinds_are_written_where_the_environment_admits_them():
    """They are everybody's: a team alone may not make one, but what is known as ours is still repaired."""
    known = replace(TODO, record=record(TODO.id, Entry(DEFINED, EntryState.OWNED, "u1")))

    assert deny(TODO, DEFINED, OWN, Admitted(definitions=True)) == ""
    assert deny(TODO, DEFINED, OWN, Admitted()) != ""
    assert deny(known, DEFINED, OWN, Admitted()) == ""
    assert deny(TODO, Key("", "Node", "", "a"), OWN, Admitted(definitions=True)) != ""
    assert namespaces((), Inventory(None, {TODO.id: known.record})).get("nlp", set()) == set()
