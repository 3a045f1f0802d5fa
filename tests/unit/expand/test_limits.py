"""The last check of pods, against a slow calculator that knows nothing of how the check works."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.expand.limits import Allowance, check
from yardarm_reconciler.model.manifest import manifest
from yardarm_reconciler.model.origin import Place

GPU = "nvidia.com/gpu"
ALLOWANCE = Allowance({GPU: 4}, {GPU: 8})
PLACE = Place("workloads/api.yaml", 3, 1)
UNITS = {
    "m": Fraction(1, 1000),
    "k": Fraction(1000),
    "Ki": Fraction(1024),
    "Mi": Fraction(1024**2),
    "": Fraction(1),
}


def value(quantity: str | int) -> Fraction:
    """What a quantity is worth, the long way."""
    text = str(quantity)
    unit = next(unit for unit in UNITS if text.endswith(unit))
    return Fraction(text.removesuffix(unit)) * UNITS[unit]


def container(name: str = "main", **resources: Any) -> dict[str, Any]:
    """A container with a memory limit."""
    limits = {"memory": "1Gi", **resources.pop("limits", {})}
    return {"name": name, "resources": {"limits": limits, **resources}}


def deployment(pod: dict[str, Any], replicas: int = 1, surge: Any = 0) -> Any:
    """A Deployment of such pods."""
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": 1}}
    return manifest(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "api", "namespace": "nlp"},
            "spec": {"replicas": replicas, "strategy": strategy, "template": {"spec": pod}},
        },
        PLACE,
    )


def found(pod: dict[str, Any], replicas: int = 1, surge: Any = 0) -> set[str]:
    """Codes of what is wrong with a Deployment of such pods."""
    return {each.code.name for each in check((deployment(pod, replicas, surge),), ALLOWANCE)}


AMOUNTS = st.sampled_from(["1", 2, "4", "5", "0", "500m", "2000m", "1k", "0.5", "-1"])
RESOURCES = st.sampled_from(
    [GPU, GPU, GPU, "nvidia.com/gpu.shared", "nvidia.com/mig-1g.10gb", "amd.com/gpu", "cpu", "hugepages-2Mi"]
)
CONTAINERS = st.builds(
    lambda name, limits, requests, memory: {
        "name": name,
        "resources": {
            "limits": {**({"memory": memory} if memory else {}), **limits},
            **({"requests": requests} if requests else {}),
        },
    },
    st.sampled_from(["main", "main", "sidecar"]),
    st.dictionaries(RESOURCES, AMOUNTS, max_size=2),
    st.dictionaries(RESOURCES, AMOUNTS, max_size=1),
    st.sampled_from(["1Mi", "1Mi", "1Mi", "1Mi", None, "0"]),
)
PODS = st.fixed_dictionaries(
    {"containers": st.lists(CONTAINERS, min_size=1, max_size=2)},
    optional={kind: st.lists(CONTAINERS, max_size=2) for kind in ("initContainers", "ephemeralContainers")},
)


def harmless(pod: dict[str, Any], pods: int) -> bool:
    """Whether pods like this can be let through: every rule by itself, one after another."""
    total = Fraction(0)
    for kind, containers in pod.items():
        for each in containers:
            limits, requests = each["resources"]["limits"], each["resources"].get("requests", {})
            if "memory" not in limits or value(limits["memory"]) <= 0:
                return False
            native = {"cpu", "memory", "hugepages-2Mi"}
            if any(
                0 < value(limits[name]) < value(requests[name]) for name in native & {*limits} & {*requests}
            ):
                return False
            for name in {*limits, *requests} - native:
                if name != GPU or kind != "containers" or each["name"] != "main" or name not in limits:
                    return False
                count = value(limits[name])
                if count.denominator != 1 or count < 1 or value(requests.get(name, limits[name])) != count:
                    return False
                total += count
    return total <= ALLOWANCE.per_pod[GPU] and total * pods <= ALLOWANCE.at_peak[GPU]


@given(PODS, st.integers(0, 4), st.sampled_from([0, 1, "0%", "50%", "100%"]))
def test_what_passes_is_what_a_slow_calculator_lets_pass(pod, replicas, surge):
    """No pod, however it came to be, takes a device that was not counted; and no harmless one is refused."""
    extra = surge if isinstance(surge, int) else -(-replicas * int(surge[:-1]) // 100)
    assert (found(pod, replicas, surge) == set()) == harmless(pod, replicas + extra)


@pytest.mark.parametrize("amount", ["0", "-1", "500m", "1.5", "1100m"])
def test_only_whole_devices_can_be_asked_for(amount):
    """Neither none, nor a part of one."""
    assert "accelerator/bad-count" in found({"containers": [container(limits={GPU: amount})]})


@pytest.mark.parametrize(
    "resources", [{"requests": {GPU: "1"}}, {"requests": {GPU: "2"}, "limits": {GPU: "1"}}]
)
def test_requests_must_equal_limits(resources):
    """Kubernetes does not overcommit devices."""
    assert found({"containers": [container(**resources)]}) == {"accelerator/bad-count"}


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"env": [{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}]}, "security/visible-devices"),
        ({"env": [{"name": "HABANA_VISIBLE_DEVICES", "valueFrom": {}}]}, "security/visible-devices"),
    ],
)
def test_ways_around_the_limits_are_refused_in_every_container(kind, fields, code):
    """No container of any kind gets at devices past its limits."""
    pod = {"containers": [container()]}
    pod[kind] = [*pod.get(kind, []), {**container("other"), **fields}]
    assert found(pod) == {code}


def test_a_claim_of_somebody_elses_template_is_refused():
    """Nobody could count what it holds."""
    claim = {"name": "gpu", "resourceClaimTemplateName": "gpu"}
    assert found({"containers": [container()], "resourceClaims": [claim]}) == {"accelerator/resource-claim"}


def claim_template(count: int) -> Any:
    """A template of the workload's own."""
    asked = {"name": "gpu", "exactly": {"deviceClassName": "gpu.example.com", "count": count}}
    body = {"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaimTemplate"}
    spec = {"spec": {"devices": {"requests": [asked]}}}
    return manifest({**body, "metadata": {"name": "gpu", "namespace": "nlp"}, "spec": spec}, PLACE)


@pytest.mark.parametrize(
    ("count", "replicas", "codes"),
    [
        (2, 2, set()),
        (3, 1, {"accelerator/too-many-in-pod"}),
        (2, 3, {"accelerator/uncounted"}),
    ],
)
def test_claimed_devices_are_counted_like_any(count, replicas, codes):
    """By pod and at the peak."""
    claim = {"name": "gpu", "resourceClaimTemplateName": "gpu"}
    pod = {"containers": [container(claims=[{"name": "gpu"}])], "resourceClaims": [claim]}
    allowed = Allowance({"gpu.example.com (claimed)": 2}, {"gpu.example.com (claimed)": 4})
    problems = check((claim_template(count), deployment(pod, replicas)), allowed)
    assert {each.code.name for each in problems} == codes


def test_only_main_may_use_a_claim():
    """Devices are not shared with a sidecar by the back door."""
    pod = {"containers": [container("other", claims=[{"name": "gpu"}])]}
    assert found(pod) == {"accelerator/misplaced"}


@pytest.mark.parametrize("strategy", [{}, {"type": "RollingUpdate"}])
def test_a_surge_that_nobody_wrote_is_counted(strategy):
    """The server adds a quarter of the replicas, rounded up, where a Deployment does not say."""
    pod = {"containers": [container(limits={GPU: "4"})]}
    made = deployment(pod, 2)
    body = {**made.body, "spec": {**made.body["spec"], "strategy": strategy}}
    assert [each.code.name for each in check((manifest(body, PLACE),), ALLOWANCE)] == [
        "accelerator/uncounted"
    ]


def test_pods_of_a_job_are_counted_by_their_parallelism():
    """Completions run one after another; parallelism is how many hold devices at one time."""
    pod = {"containers": [container(limits={GPU: "4"})]}
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a", "namespace": "b"}}
    job = manifest({**body, "spec": {"parallelism": 3, "completions": 9, "template": {"spec": pod}}}, PLACE)
    assert [each.code.name for each in check((job,), ALLOWANCE)] == ["accelerator/uncounted"]


def scaled(kind: str, field: str, most: int | None, name: str = "api") -> Any:
    """A scaler of the Deployment."""
    version = "autoscaling/v2" if kind == "HorizontalPodAutoscaler" else "keda.sh/v1alpha1"
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    spec = {"scaleTargetRef": target, **({field: most} if most is not None else {})}
    head = {"apiVersion": version, "kind": kind, "metadata": {"name": "api", "namespace": "nlp"}}
    return manifest({**head, "spec": spec}, PLACE)


SCALERS = [("HorizontalPodAutoscaler", "maxReplicas"), ("ScaledObject", "maxReplicaCount")]


@pytest.mark.parametrize(("kind", "field"), SCALERS)
@pytest.mark.parametrize(("most", "codes"), [(2, []), (3, ["accelerator/uncounted"])])
def test_what_is_scaled_is_counted_by_the_most_that_its_scaler_asks_for(kind, field, most, codes):
    """The Deployment says no number then; one that a person wrote there counts where it is greater."""
    made = deployment({"containers": [container(limits={GPU: "4"})]})
    unsaid = {key: value for key, value in made.body["spec"].items() if key != "replicas"}
    for spec in (unsaid, {**unsaid, "replicas": 1}):
        pair = (manifest({**made.body, "spec": spec}, PLACE), scaled(kind, field, most))
        assert [each.code.name for each in check(pair, ALLOWANCE)] == codes
    more = (deployment(made.body["spec"]["template"]["spec"], 3), scaled(kind, field, 1))
    assert [each.code.name for each in check(more, ALLOWANCE)] == ["accelerator/uncounted"]


def test_a_scaler_that_names_no_most_may_ask_for_a_hundred():
    """KEDA's default, which nobody meant; and a scaler of something else counts for nothing."""
    made = deployment({"containers": [container(limits={GPU: "4"})]})
    boundless = (made, scaled("ScaledObject", "maxReplicaCount", None))
    assert [each.message for each in check(boundless, ALLOWANCE)] == [
        f"400 {GPU} at the peak, 8 were counted"
    ]
    assert list(check((made, scaled("ScaledObject", "maxReplicaCount", 9, "other")), ALLOWANCE)) == []


@pytest.mark.parametrize(
    ("rolling", "codes"), [({}, []), ({"maxSurge": "10%"}, ["accelerator/uncounted"]), ({"maxSurge": 0}, [])]
)
def test_one_pod_on_each_node_is_counted_by_the_nodes(rolling, codes):
    """With the surge that a DaemonSet asks for, and none where it says nothing."""
    pod = {"containers": [container(limits={GPU: "1"})]}
    body = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "a", "namespace": "b"}}
    spec = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling}, "template": {"spec": pod}}
    allowed = Allowance({GPU: 4}, {GPU: 8}, nodes=8)
    assert [each.code.name for each in check((manifest({**body, "spec": spec}, PLACE),), allowed)] == codes


def test_a_problem_is_shown_at_the_line_that_asked():
    """The manifest's origin is the place."""
    (problem,) = check((deployment({"containers": [{"name": "main"}]}),), ALLOWANCE)
    assert (problem.code.name, problem.place) == ("policy/no-memory-limit", PLACE)
