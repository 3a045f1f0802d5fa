"""Specs of every kind at random: mostly right, often patched and overridden, sometimes wrong in a way that matters."""

from __future__ import annotations

import string
from typing import Any

import orjson
from hypothesis import strategies as st

from tests.trees import MemoryTree

SECRET = "ghp_" + "Zq81kLm20pTxWv73RnYb" * 2
"""What no manifest and no message may hold."""

CLASSES = {"small": 8, "large": 4}
"""Classes of devices by how many of them fit into a node."""

PRICES = {"small": "0.8", "large": "4.25"}
ENVIRONMENTS = ("plain", "rich")

IMAGE = "registry.example.com/nlp/app:1"
PLATFORM: list[dict[str, Any]] = [
    {"kind": "Repository", "spec": {"specs": ["platform", "workloads"], "platform": ["platform"]}},
    *(
        {"kind": "AcceleratorClass", "metadata": {"name": name}, "spec": {"vendor": "nvidia", "type": "gpu"}}
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
                "capabilities": ["jobset", "lws", "keda"] if name == "rich" else [],
                "accelerators": {
                    each: {
                        "resource": f"example.com/{each}",
                        "maxPerPod": most,
                        "perDevice": {"cpu": 2, "memory": "8Gi"},
                        "pricePerHour": float(PRICES[each]),
                    }
                    for each, most in CLASSES.items()
                },
            },
        }
        for name in ENVIRONMENTS
    ),
    {"kind": "Team", "metadata": {"name": "nlp"}, "spec": {"paths": ["workloads/**"]}},
]


def seldom(wrong: Any, *right: Any) -> st.SearchStrategy[Any]:
    """Mostly one of what is right, and once in a while what is wrong."""
    return st.sampled_from([*right * 4, wrong])


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these fields, and not the others."""
    return st.fixed_dictionaries({}, optional=fields)


names = st.one_of(
    st.sampled_from(["a", "api", "api-r1", "api-headless", "a" * 52, "a" * 53, "a" * 63]),
    st.text(string.ascii_lowercase + "-", min_size=5, max_size=63)
    .map(lambda text: f"a{text}".strip("-"))
    .filter(lambda text: len(text) <= 63),
)
accelerators = st.one_of(
    seldom(None, "small", "small:2"),
    seldom("large:5", "small:8", "large:3"),
    st.builds(
        lambda name, count: {"class": name, "count": count}, st.sampled_from([*CLASSES]), st.integers(1, 9)
    ),
)
counts = st.integers(1, 5)
shares = st.one_of(st.integers(0, 3), st.sampled_from(["0%", "25%", "34%", "100%"]))
containers = seldom(
    {"image": IMAGE},
    {"image": IMAGE, "resources": {"memory": "64Mi"}},
    {"image": IMAGE, "resources": {"memory": "64Mi", "cpuLimit": 1}},
)
pod_patches = st.sampled_from(
    [
        {"spec": {"containers": [{"name": "main", "resources": {"limits": {"example.com/small": 3}}}]}},
        {"spec": {"containers": [{"name": "main", "resources": {"limits": {"memory": None}}}]}},
        {"spec": {"containers": [{"name": "main", "resources": {"limits": None}}]}},
        {"spec": {"containers": [{"name": "main", "resources": {"limits": {"memory": "1Mi"}}}]}},
        {"spec": {"containers": [{"name": "more", "image": IMAGE}]}},
        {"spec": {"initContainers": [{"name": "first", "image": IMAGE}]}},
        {
            "spec": {
                "containers": [
                    {"name": "more", "image": IMAGE, "resources": {"limits": {"example.com/large": 1}}}
                ]
            }
        },
        {"spec": {"containers": [{"name": "main", "env": [{"name": "API_TOKEN", "value": SECRET}]}]}},
        {"spec": {"hostname": "known"}},
        {"metadata": {"annotations": {"note": "patched"}}},
    ]
)
KINDS_OF_OBJECTS = ("Deployment", "StatefulSet", "Job", "CronJob", "JobSet", "LeaderWorkerSet", "Service")
object_patches = st.builds(
    lambda kind, change: {"target": {"kind": kind}, **change},
    st.sampled_from(KINDS_OF_OBJECTS),
    st.sampled_from(
        [
            {"merge": {"spec": {"replicas": 40}}},
            {"merge": {"spec": {"parallelism": 40}}},
            {"merge": {"spec": {"concurrencyPolicy": "Allow"}}},
            {"merge": {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "100%"}}}}},
            {"merge": {"metadata": {"name": "other"}}},
            {"merge": {"metadata": {"annotations": {"token": SECRET}}}},
            {"json": [{"op": "remove", "path": "/spec/template/spec/containers/0/resources"}]},
            {
                "json": [
                    {
                        "op": "replace",
                        "path": "/spec/template/spec/containers/0/resources/limits/memory",
                        "value": "9Gi",
                    }
                ]
            },
        ]
    ),
)
patches = st.one_of(
    st.builds(lambda pod: {"pod": pod}, pod_patches),
    st.builds(lambda each: {"resources": [each]}, object_patches),
)


POD: dict[str, st.SearchStrategy[Any]] = {
    "accelerator": accelerators,
    "resources": seldom({"cpu": 1}, {"memory": "1Gi", "cpu": 2}, {"memory": "1Gi", "cpu": 1, "cpuLimit": 2}),
    "env": seldom({"API_TOKEN": SECRET}, {"A": "text"}, {"A": {"secret": "login", "key": "token"}}),
    "files": seldom({"/etc/a": {"content": f"token: {SECRET}"}}, {"/etc/a": {"content": "a"}}),
    "sidecars": st.dictionaries(st.sampled_from(["proxy", "log"]), containers, max_size=2),
    "initContainers": st.dictionaries(st.sampled_from(["migrate", "load"]), containers, max_size=2),
    "volumes": st.sampled_from(
        [
            {"data": {"path": "/data", "size": "1Gi"}},
            {"tmp": {"path": "/scratch", "scratch": {"size": "1Gi"}}},
        ]
    ),
}
RUN = {
    "retries": st.integers(0, 3),
    "rerun": st.sampled_from(["never", "onChange", "r2"]),
    "shards": some(count=counts, parallelism=counts),
}
REPLICATED = {
    "replicas": st.integers(0, 5),
    "rollout": some(surge=shares, unavailable=shares),
    "scaling": st.builds(
        lambda least, more: {"min": least, "max": least + more, "metric": "cpu", "target": "70%"},
        counts,
        counts,
    ),
}
schedules = st.builds(
    lambda concurrency: {"cron": "0 3 * * *", "concurrency": concurrency},
    st.sampled_from(["allow", "forbid", "replace"]),
)
SERVER = {**POD, **REPLICATED, "ports": st.just({"http": 8080})}
TRAINING = {
    **POD,
    "nodes": counts,
    "framework": st.sampled_from(["torch", "jax", "none"]),
    "roles": st.builds(
        lambda workers: {"lead": {"leader": True, "nodes": 1}, "work": {"nodes": workers}}, counts
    ),
}
steps = st.dictionaries(
    st.sampled_from(["one", "two", "three", "four"]),
    st.one_of(
        some(**POD, **RUN, needs=st.lists(st.sampled_from(["one", "two", "three"]), max_size=2, unique=True)),
        some(**TRAINING, needs=st.lists(st.sampled_from(["one", "two"]), max_size=2, unique=True)).map(
            lambda step: {"kind": "TrainingJob", **step}
        ),
    ),
    min_size=1,
    max_size=4,
)
MEMORY = {"resources": {"memory": "1Gi", "cpu": 1}}
FIELDS: dict[str, tuple[dict[str, Any], dict[str, st.SearchStrategy[Any]]]] = {
    "Service": ({"image": IMAGE, "ports": {"http": 8080}, **MEMORY}, SERVER),
    "StreamProcessor": (
        {
            "image": IMAGE,
            "source": {"kafka": {"brokers": ["kafka.a:9092"], "topic": "a", "group": "b"}},
            **MEMORY,
        },
        {**POD, "replicas": st.integers(0, 5), "rollout": REPLICATED["rollout"]},
    ),
    "ModelService": (
        {
            "runtime": "vllm",
            "image": IMAGE,
            "model": {"uri": "pvc://weights/own"},
            "resources": {"memory": "16Gi", "cpu": 1},
        },
        {
            **{name: each for name, each in POD.items() if name not in {"resources", "volumes", "files"}},
            **REPLICATED,
            "nodes": st.integers(1, 3),
        },
    ),
    "BatchJob": ({"image": IMAGE, "run": "true", **MEMORY}, {**POD, **RUN}),
    "ScheduledJob": (
        {"image": IMAGE, "run": "true", "schedule": {"cron": "0 3 * * *"}, **MEMORY},
        {**POD, "shards": RUN["shards"], "schedule": schedules},
    ),
    "TrainingJob": ({"image": IMAGE, "run": "true", **MEMORY}, TRAINING),
    "Pipeline": (
        {
            "defaults": {"image": IMAGE, "run": "true", **MEMORY},
            "steps": {"one": {}, "two": {"needs": ["one"]}},
        },
        {"steps": steps, "backend": st.sampled_from(["auto", "jobs", "jobset"])},
    ),
    "Volume": ({"size": "1Gi"}, {"access": st.sampled_from(["one", "many"])}),
    "RawResources": (
        {"manifests": [{"inline": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "raw"}}}]},
        {},
    ),
}
"""By kind, what a spec needs, and what it may say besides."""

EXCLUSIVE = (("replicas", "scaling"), ("nodes", "roles"))
"""Of which a spec says one."""


@st.composite
def documents(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """One workload of a kind, in both environments, with overrides."""
    needed, fields = FIELDS[kind]
    apart = {draw(st.sampled_from(pair)) for pair in EXCLUSIVE}
    fields = {name: each for name, each in fields.items() if name not in apart}
    patched = {"patch": patches} if kind not in {"Volume", "Pipeline"} else {}
    device = {"accelerator": draw(accelerators)} if "accelerator" in fields else {}
    spec = {**needed, **device, **draw(some(**fields, **patched))}
    own = {name: each for name, each in fields.items() if name != "schedule"}
    overrides = draw(some(plain=some(**own), all=some(**own, **patched)))
    return {
        "kind": kind,
        "metadata": {"name": draw(names), "team": "nlp"},
        "spec": {**spec, "environments": {"rich": {}, "plain": {}, **overrides}},
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
def repositories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to three workloads, once in a while two of one name."""
    drawn = draw(st.lists(st.sampled_from([*FIELDS]).flatmap(documents), min_size=1, max_size=3))
    if draw(st.integers(0, 9)):
        for number, each in enumerate(drawn):
            each["metadata"]["name"] = f"{each['metadata']['name'][:61]}{number}"
    return drawn
