"""Namespaces are never shared: not by teams, not by environments of one cluster."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.model.document import Document, Loaded, PlatformSpec, Specs
from yardarm_reconciler.model.namespace import namespace_name
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import NOWHERE
from yardarm_reconciler.resolve.namespaces import problems
from yardarm_schema.environment import Environment, Namespaces
from yardarm_schema.repository import Repository

NAMES = st.frozensets(st.from_regex(r"[a-c](?:[-a-c]{0,3}[a-c])?", fullmatch=True), min_size=1, max_size=4)
PATTERNS = st.sampled_from(
    ["{team}-{environment}", "{environment}-{team}", "{team}", "a-{team}", "kube-{team}"]
)
DOCUMENT = Document("environments/a.yaml", Node({}, NOWHERE), "Environment", NOWHERE)


def specs_of(patterns: dict[str, str]) -> Specs:
    """Environments of one cluster, each with its pattern."""
    environments = {
        name: PlatformSpec(name, Environment(cluster="one", namespaces=Namespaces(pattern=pattern)), DOCUMENT)
        for name, pattern in patterns.items()
    }
    loaded = Loaded("", Repository(specs=("a",)), (), frozenset(), lambda _path: None, lambda _path: None)
    return Specs(loaded, environments, {}, {}, ())


@given(
    NAMES, st.dictionaries(st.from_regex(r"[a-c](?:[-a-c]{0,3}[a-c])?", fullmatch=True), PATTERNS, min_size=1)
)
def test_what_has_no_problem_has_a_namespace_of_its_own(teams, patterns):
    """Over all teams and environments of a cluster, namespaces are injective, and none is the cluster's own."""
    specs = specs_of(patterns)
    refused = {name: problems(specs, each, teams) for name, each in specs.environments.items()}
    fine = [
        (team, name) for team, name in product(sorted(teams), specs.environments) if team not in refused[name]
    ]
    made = [namespace_name(specs.environments[name].model, name, team) for team, name in fine]
    assert len(set(made)) == len(made)
    assert not any(each.startswith("kube-") for each in made)
