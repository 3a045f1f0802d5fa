"""What an API server says that it serves."""

import pytest

from yardarm_reconciler.kube.discovery import discover
from yardarm_reconciler.kube.transport import Answer
from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.model.origin import TransientError

HPA = GroupKind("autoscaling", "HorizontalPodAutoscaler")
NAMESPACE = GroupKind("", "Namespace")


def resource(plural, kind, scope="Namespaced", verbs=("get", "list")):
    """One resource as discovery tells it."""
    return {"resource": plural, "responseKind": {"kind": kind}, "scope": scope, "verbs": list(verbs)}


def group(name, *versions, stale=False):
    """One group as discovery tells it."""
    found = [
        {"version": version, "freshness": "Stale" if stale else "Current", "resources": list(resources)}
        for version, resources in versions
    ]
    return {"metadata": {"name": name}, "versions": found}


class Server:
    """Answers discovery."""

    def __init__(self, core, groups):
        self.answers = {"/api": core, "/apis": groups}

    def ask(self, request):
        """One of two answers."""
        items = self.answers[request.path]
        return Answer(
            200, {"kind": "APIGroupDiscoveryList", "items": items} if isinstance(items, list) else items
        )


CORE = [
    group(
        "",
        (
            "v1",
            [
                resource("namespaces", "Namespace", "Cluster"),
                resource("bindings", "Binding", verbs=["create"]),
            ],
        ),
    )
]
SCALERS = [resource("horizontalpodautoscalers", "HorizontalPodAutoscaler")]


def test_a_kind_is_addressed_in_the_version_that_the_server_prefers():
    """The first version listed is preferred; the others can be written in."""
    found = discover(Server(CORE, [group("autoscaling", ("v2", SCALERS), ("v1", SCALERS))])).resources[HPA]
    assert (found.api_version(), found.versions) == ("autoscaling/v2", ("v2", "v1"))
    assert found.path("t", "x") == "/apis/autoscaling/v2/namespaces/t/horizontalpodautoscalers/x"
    assert found.path("t", "x", "v1") == "/apis/autoscaling/v1/namespaces/t/horizontalpodautoscalers/x"
    assert found.path() == "/apis/autoscaling/v2/horizontalpodautoscalers"


def test_core_and_cluster_scoped_kinds_have_their_own_paths():
    """No group, no namespace."""
    found = discover(Server(CORE, [])).resources[NAMESPACE]
    assert found.path("", "a/b") == "/api/v1/namespaces/a%2Fb"
    assert not found.namespaced


def test_what_cannot_be_read_is_no_kind():
    """Reviews and bindings are no objects."""
    assert GroupKind("", "Binding") not in discover(Server(CORE, [])).resources


def test_a_group_whose_server_is_silent_is_unknown_not_absent():
    """Its kinds are an error; all others are served as ever."""
    found = discover(Server(CORE, [group("metrics.k8s.io", ("v1", []), stale=True)]))
    assert found.served({NAMESPACE, HPA}) == {NAMESPACE}
    with pytest.raises(TransientError, match=r"metrics\.k8s\.io"):
        found.served({NAMESPACE, GroupKind("metrics.k8s.io", "PodMetrics")})


def test_an_answer_that_is_no_discovery_is_an_error():
    """A server too old for it, or something else in its place, is never an empty cluster."""
    with pytest.raises(TransientError):
        discover(Server(CORE, {"kind": "APIGroupList"}))
