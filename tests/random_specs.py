"""Specs of every kind at random: mostly right, often patched and overridden, sometimes wrong in one way that matters."""

from __future__ import annotations

import string
from typing import Any

import orjson
from hypothesis import strategies as st

from tests.trees import MemoryTree

SECRET = "ghp_" + "Zq81kLm20pTxWv73RnYb" * 2
"""What no manifest and no message may hold."""

CLASSES = {"small": 8, "large": 4, "claimed": 8}
"""Classes of devices by how many of them a pod may have at most."""

NODES = 5
"""Most nodes that have devices of a class."""

PRICES = {"small": "0.8", "large": "4.25", "claimed": "2.5"}
ENVIRONMENTS = ("plain", "rich")
CAPABILITIES = (
    *("argoWorkflows", "dra", "envoyGateway", "gatewayAPI", "inferencePool", "jobset", "keda", "kuberay"),
    *("kueue", "lws", "trainer"),
)
IMAGE = "registry.example.com/nlp/app:1"


def _binding(name: str) -> dict[str, Any]:
    """A class of devices as both environments have it; those of the last are claimed."""
    claims = {"dra": {"deviceClass": "claimed.example.com"}} if name == "claimed" else {}
    return {
        "resource": f"example.com/{name}",
        "maxPerPod": CLASSES[name],
        "maxNodes": NODES,
        "perDevice": {"cpu": 2, "memory": "8Gi"},
        "pricePerHour": float(PRICES[name]),
        **claims,
    }


PICKER = {
    "image": f"{IMAGE}@sha256:{'0' * 64}",
    "resources": {"cpu": 1, "memory": "1Gi"},
    "config": "kind: EndpointPickerConfig",
    "rolesConfig": "kind: EndpointPickerConfig",
}
RICH = {
    "capabilities": [*CAPABILITIES],
    "gateway": {"name": "gate", "namespace": "gateways", "host": "models.example.com", "proxies": "gateways"},
    "endpointPicker": PICKER,
    "fabrics": {"rdma": {"resources": {"rdma/ib": 1}}},
    "queues": {"nlp": {"clusterQueue": "shared"}},
}
PLATFORM: list[dict[str, Any]] = [
    {"kind": "Repository", "spec": {"specs": ["platform", "workloads"], "platform": ["platform"]}},
    *(
        {"kind": "AcceleratorClass", "metadata": {"name": name}}
        | {"spec": {"vendor": "nvidia", "type": "gpu", "memory": "24Gi"}}
        for name in CLASSES
    ),
    *(
        {
            "kind": "Environment",
            "metadata": {"name": name},
            "spec": {
                "cluster": name,
                "groups": ["all"],
                "metrics": {"prometheus": "http://prometheus.monitoring:9090"},
                "accelerators": {
                    each: _binding(each) for each in CLASSES if name == "rich" or each != "claimed"
                },
                **(RICH if name == "rich" else {}),
            },
        }
        for name in ENVIRONMENTS
    ),
    {"kind": "Team", "metadata": {"name": "nlp"}, "spec": {"paths": ["workloads/**"], "queue": "nlp"}},
]


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these fields, and not the others."""
    return st.fixed_dictionaries({}, optional=fields)


def one(*values: Any) -> st.SearchStrategy[Any]:
    """One of some values."""
    return st.sampled_from(values)


short_names = st.one_of(
    one("a", "api", "api-r1", "api-headless"),
    st.text(string.ascii_lowercase, min_size=1, max_size=20).map(lambda text: f"a{text}"),
)
long_names = st.one_of(
    one("a" * 52, "a" * 53, "a" * 63),
    st.text(string.ascii_lowercase + "-", min_size=30, max_size=61).map(lambda text: f"a{text}z"),
)
counts = st.integers(1, 5)
containers = one(
    {"image": IMAGE, "resources": {"memory": "64Mi"}},
    {"image": IMAGE, "resources": {"memory": "64Mi", "cpuLimit": 1}},
)
rollouts = st.builds(
    lambda surge, unavailable: {"surge": surge, "unavailable": unavailable},
    one(1, 2, "25%", "34%", "100%"),
    one(0, 1, "0%", "25%"),
)
scalings = st.builds(
    lambda least, more: {"min": least, "max": least + more, "metric": "cpu", "target": "70%"}, counts, counts
)
shards = st.builds(
    lambda parallelism, more: {"count": parallelism + more, "parallelism": parallelism},
    counts,
    st.integers(0, 4),
)
POD: dict[str, st.SearchStrategy[Any]] = {
    "accelerator": one(
        *("small", "small:2", "small:8", "large", "large:3", {"class": "large", "count": 4}),
        *({"minMemory": "16Gi", "count": 2}, ["small:2", "small"]),
    ),
    "resources": one({"memory": "1Gi", "cpu": 2}, {"memory": "1Gi", "cpu": 1, "cpuLimit": 2}),
    "env": one({"A": "text"}, {"A": {"secret": "login", "key": "token"}}),
    "files": one({"/etc/a": {"content": "a"}}),
    "sidecars": st.dictionaries(one("proxy", "log"), containers, max_size=2),
    "initContainers": st.dictionaries(one("migrate", "load"), containers, max_size=2),
    "volumes": one({"tmp": {"path": "/scratch", "scratch": {"size": "1Gi"}}}),
}
RUN = {
    "retries": st.integers(0, 3),
    "rerun": one("never", "onChange", "r2"),
    "shards": shards,
}
variants = st.builds(
    lambda weight, change: {"canary": {"weight": weight, **change}},
    st.integers(0, 50),
    some(replicas=counts, accelerator=POD["accelerator"]),
)
ROUTED = st.builds(
    lambda change: {"route": {"path": "/a", "auth": {"apiKey": {"secret": "keys"}}}, **change},
    some(variants=variants),
)
REPLICATED = {"replicas": st.integers(0, 5), "rollout": rollouts, "scaling": scalings}
OWN = {"own": {"path": "/own", "size": "1Gi", "perReplica": True}}
SERVER = {**POD, **REPLICATED, "volumes": one(OWN), "ports": one({"http": 8080})}
TRAINING = {
    **POD,
    "nodes": counts,
    "framework": one("torch", "jax", "none"),
}
roles = st.builds(
    lambda workers, device: {
        "lead": {"leader": True, "nodes": 1},
        "work": {"nodes": workers, "accelerator": device},
    },
    counts,
    POD["accelerator"],
)
STEP_NAMES = ("one", "two", "three", "four")


@st.composite
def steps(draw: st.DrawFn) -> dict[str, Any]:
    """Steps of a pipeline, of which each may need those before it."""
    found: dict[str, Any] = {}
    fields = {name: each for name, each in POD.items() if name != "volumes"}
    for name in STEP_NAMES[: draw(st.integers(1, 4))]:
        kinds = [some(**fields, shards=shards)]
        kinds.append(some(**fields, nodes=counts).map(lambda step: {"kind": "TrainingJob", **step}))
        needs = draw(st.lists(one(*found), max_size=2, unique=True)) if found else []
        found[name] = draw(st.one_of(kinds)) | ({"needs": needs} if needs else {})
    return found


@st.composite
def pools(draw: st.DrawFn) -> dict[str, Any]:
    """Roles of a served model that count for themselves, behind an endpoint picker."""
    counted = st.one_of(some(replicas=counts), st.builds(lambda each: {"scaling": each}, scalings))
    roles = {
        name: {**draw(counted), "accelerator": draw(one("small", "small:2", "large", "claimed:2"))}
        for name in ("prefill", "decode")
    }
    roles["decode"] |= {"leader": True}
    roles = {
        name: each if {"replicas", "scaling"} & set(each) else {**each, "replicas": 1}
        for name, each in roles.items()
    }
    return {
        "router": "inferencePool",
        "roles": roles,
        "route": {"path": "/a", "auth": {"apiKey": {"secret": "keys"}}},
    }


MEMORY = {"resources": {"memory": "1Gi", "cpu": 1}}
FIELDS: dict[str, tuple[dict[str, Any], dict[str, st.SearchStrategy[Any]]]] = {
    "Service": ({"image": IMAGE, "ports": {"http": 8080}, **MEMORY}, SERVER),
    "StreamProcessor": (
        {
            "image": IMAGE,
            "source": {"kafka": {"brokers": ["kafka.a:9092"], "topic": "a", "group": "b"}},
            **MEMORY,
        },
        {**POD, "replicas": st.integers(0, 5), "rollout": rollouts},
    ),
    "ModelService": (
        {
            "runtime": "vllm",
            "image": IMAGE,
            "model": {"uri": "pvc://weights/own"},
            "accelerator": "small",
            "resources": {"memory": "16Gi", "cpu": 1},
        },
        {
            **{name: each for name, each in POD.items() if name not in {"resources", "volumes", "files"}},
            **{name: each for name, each in REPLICATED.items() if name != "rollout"},
        },
    ),
    "BatchJob": ({"image": IMAGE, "run": "true", **MEMORY}, {**POD, **RUN}),
    "ScheduledJob": (
        {"image": IMAGE, "run": "true", "schedule": {"cron": "0 3 * * *"}, **MEMORY},
        {
            **POD,
            "shards": shards,
            "schedule": st.builds(
                lambda concurrency: {"cron": "0 3 * * *", "concurrency": concurrency},
                one("allow", "forbid", "replace"),
            ),
        },
    ),
    "TrainingJob": ({"image": IMAGE, "run": "true", **MEMORY}, TRAINING),
    "Pipeline": (
        {
            "defaults": {"image": IMAGE, "run": "true", **MEMORY},
            "steps": {"one": {}, "two": {"needs": ["one"]}},
        },
        {"steps": steps()},
    ),
    "Volume": ({"size": "1Gi"}, {"access": one("one", "many")}),
    "RawResources": (
        {"manifests": [{"inline": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "raw"}}}]},
        {},
    ),
}
"""By kind, what a spec needs, and what it may say besides."""

QUEUED = {"scheduling": one({"queue": "nlp"})}
CLAIMED = {"accelerator": one("claimed", "claimed:8")}
ALONE = {"replicas": None, "scaling": None}
"""What a spec takes back that says its number in another way."""

ONLY_RICH: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "Service": st.one_of(
        ROUTED, some(**CLAIMED).map(lambda each: {**each, **ALONE, "rollout": None, "replicas": "perNode"})
    ),
    "StreamProcessor": st.builds(
        lambda each, device: {
            **device,
            **ALONE,
            "scaling": {"min": each["min"], "max": each["max"], "metric": "lag", "target": 100},
        },
        scalings,
        some(**CLAIMED),
    ),
    "ModelService": st.one_of(
        pools().map(lambda each: {**ALONE, **each}),
        ROUTED,
        st.builds(lambda nodes, device: {**device, "nodes": nodes}, st.integers(2, 3), some(**CLAIMED)),
    ),
    "BatchJob": some(**CLAIMED, **QUEUED),
    "TrainingJob": st.one_of(
        some(**CLAIMED, **QUEUED, network=one({"fabric": "rdma"})),
        st.builds(
            lambda nodes, backend, rest: {"nodes": nodes, "backend": backend, **rest},
            counts,
            one("jobset", "trainer"),
            some(**QUEUED),
        ),
        st.builds(
            lambda each, how: {"nodes": None, "roles": each, **how},
            roles,
            one({}, {"backend": "jobset"}, {"framework": "ray"}),
        ),
    ),
    "Pipeline": st.one_of(
        some(backend=one("jobs", "jobset")),
        st.builds(
            lambda concurrency: {"schedule": {"cron": "0 3 * * *", "concurrency": concurrency}},
            one("allow", "forbid", "replace"),
        ),
    ),
}
"""What needs something that a plain cluster does not have."""

WRONG: dict[str, st.SearchStrategy[Any]] = {
    "accelerator": one("small:9", "large:5", {"class": "large", "count": 9}, "unheard-of"),
    "resources": one({"cpu": 1}, {"memory": None}),
    "env": one({"API_TOKEN": SECRET}),
    "files": one({"/etc/a": {"content": f"token: {SECRET}"}}),
    "sidecars": one({"proxy": {"image": IMAGE}}),
    "initContainers": one({"load": {"image": IMAGE, "resources": {"cpu": 1}}}),
    "volumes": one({"data": {"path": "/data", "size": "1Gi"}}),
    "rollout": one({"surge": 0, "unavailable": 0}, {"surge": "0%"}),
    "shards": one({"count": 2, "parallelism": 5}),
    "steps": one({"one": {"needs": ["two"]}, "two": {"needs": ["one"]}}, {"one": {"needs": ["none"]}}),
}
"""What must not come through, or has to be told; some of it is fine in a kind or another."""

MAIN = {"name": "main"}
MORE = {
    "name": "more",
    "image": IMAGE,
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
POD_PATCHES = (
    {"spec": {"hostname": "known"}},
    {"metadata": {"annotations": {"note": "patched"}}},
    {"spec": {"containers": [{**MAIN, "resources": {"limits": {"memory": "9Gi"}}}]}},
    {"spec": {"containers": [{**MORE, "resources": {"limits": {"memory": "64Mi"}}}]}},
)
WRONG_POD_PATCHES = (
    {"spec": {"containers": [{**MAIN, "resources": {"limits": {"example.com/small": 3}}}]}},
    {"spec": {"containers": [{**MAIN, "resources": {"limits": {"memory": None}}}]}},
    {"spec": {"containers": [{**MAIN, "resources": {"limits": None}}]}},
    {"spec": {"containers": [{**MAIN, "resources": {"limits": {"memory": "1Mi"}}}]}},
    {"spec": {"containers": [MORE]}},
    {"spec": {"initContainers": [{"name": "first", "image": IMAGE}]}},
    {"spec": {"containers": [{**MORE, "resources": {"limits": {"memory": "1Gi", "example.com/large": 1}}}]}},
    {"spec": {"containers": [{**MAIN, "env": [{"name": "API_TOKEN", "value": SECRET}]}]}},
)
PATCHED_KINDS = ("Deployment", "StatefulSet", "Job", "CronJob", "JobSet", "LeaderWorkerSet", "Service")
_MEMORY_OF_FIRST = "/spec/template/spec/containers/0/resources/limits/memory"
OBJECT_PATCHES = (
    {"merge": {"spec": {"replicas": 40}}},
    {"merge": {"spec": {"parallelism": 40}}},
    {"merge": {"spec": {"concurrencyPolicy": "Allow"}}},
    {"merge": {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "100%"}}}}},
    {"merge": {"metadata": {"name": "other"}}},
    {"merge": {"metadata": {"annotations": {"token": SECRET}}}},
    {"json": [{"op": "remove", "path": "/spec/template/spec/containers/0/resources"}]},
    {"json": [{"op": "replace", "path": _MEMORY_OF_FIRST, "value": "9Gi"}]},
)
pod_patches = one(*({"pod": each} for each in POD_PATCHES))
wrong_patches = st.one_of(
    one(*({"pod": each} for each in WRONG_POD_PATCHES)),
    st.builds(
        lambda kind, change: {"resources": [{"target": {"kind": kind}, **change}]},
        one(*PATCHED_KINDS),
        one(*OBJECT_PATCHES),
    ),
)

EXCLUSIVE = ("replicas", "scaling")
"""Of which a spec says one."""

PATCHABLE = frozenset(FIELDS) - {"Volume", "Pipeline"}
MOST_RIGHT = 4
"""One document in so many has one thing wrong."""


@st.composite
def documents(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """One workload of a kind, in both environments, with overrides."""
    needed, fields = FIELDS[kind]
    apart = draw(one(*EXCLUSIVE))
    fields = {name: each for name, each in fields.items() if name != apart}
    patched = {"patch": pod_patches} if kind in PATCHABLE else {}
    spec = {**needed, **draw(some(**fields, **patched))}
    # Maps merge, and a class beside a least memory is wrong.
    whole = {"schedule", "steps", *(["accelerator"] if isinstance(spec.get("accelerator"), dict) else ())}
    own = {name: each for name, each in fields.items() if name not in whole}
    environments = {name: draw(some(**own)) if draw(st.booleans()) else {} for name in ("all", *ENVIRONMENTS)}
    if kind in ONLY_RICH and draw(st.booleans()):
        environments["rich"] = draw(ONLY_RICH[kind])
    name = draw(short_names)
    if draw(st.integers(1, MOST_RIGHT)) == 1:
        wrong = {name: each for name, each in WRONG.items() if name in fields}
        wrong |= {"patch": wrong_patches} if patched else {}
        field = draw(one("name", *wrong))
        if field == "name":
            name = draw(long_names)
        else:
            draw(one(spec, *environments.values()))[field] = draw(wrong[field])
    return {
        "kind": kind,
        "metadata": {"name": name, "team": "nlp"},
        "spec": {**spec, "environments": environments},
    }


def repository(*workloads: dict[str, Any]) -> MemoryTree:
    """A config repository of these workloads."""
    files = {f"workloads/{number}.yaml": each for number, each in enumerate(workloads)}
    files |= {f"platform/{number}.yaml": each for number, each in enumerate(PLATFORM[1:])}
    files["yardarm.yaml"] = PLATFORM[0]
    return MemoryTree(
        {path: orjson.dumps({"apiVersion": "yardarm.dev/v1alpha1", **each}) for path, each in files.items()}
    )


@st.composite
def repositories(draw: st.DrawFn, kinds: st.SearchStrategy[str]) -> list[dict[str, Any]]:
    """Up to three workloads, once in a while two of one name."""
    drawn = draw(st.lists(kinds.flatmap(documents), min_size=1, max_size=3))
    if draw(st.integers(0, 9)):
        for number, each in enumerate(drawn):
            each["metadata"]["name"] = f"{each['metadata']['name'][:61]}{number}"
    return drawn
