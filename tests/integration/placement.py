"""Real pods of rendered templates: admitted by their namespace, and placed on machines by the real scheduler."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from tests.controlplane.client import Api, Object
from yardarm_reconciler.expand.names import BY_ENGINE
from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.pod_template import Template
from yardarm_reconciler.model.walker import templates

MOST_PODS = 2
"""Of one template: two show that what spreads them or keeps them apart can be met; more show nothing new."""

STALLED_SECONDS = 4.0
"""With nothing placed, after which pods that the scheduler has looked at are not just waiting for a volume."""

BINDING_SECONDS = 60.0
"""The same while claims are to be bound, which on a busy machine is long after the scheduler has looked."""

UNBOUND = "unbound immediate PersistentVolumeClaims"
NOT_SEEN = "the scheduler has not looked at it yet"
PODS = "/api/v1/namespaces/{}/pods"
CLAIMS = "/api/v1/namespaces/{}/persistentvolumeclaims"


@dataclass(frozen=True, slots=True)
class Probe:
    """A pod as a controller would make it of a template, the claims that it would make for it, and whose it is."""

    pod: Object
    claims: tuple[Object, ...]
    owner: str


def probes(item: Manifest, declared: Declared) -> Iterator[Probe]:
    """Some pods of every template of an object."""
    for template in templates(_begun(item.body), declared):
        for number in range(max(1, min(template.pods, MOST_PODS))):
            yield _probe(item, template, number)


def _begun(body: Object) -> Object:
    """An object with the names that Argo Workflows puts into what its templates make."""
    begun: Object = orjson.loads(orjson.dumps(body).replace(BY_ENGINE.encode(), b"begun-1"))
    return begun


def _probe(item: Manifest, template: Template, number: int) -> Probe:
    """One pod, with a claim of each template as StatefulSets make them: `<template>-<set>-<number>`."""
    spec: Any = item.body.get("spec") or {}
    claims = []
    volumes = list(template.spec.get("volumes", []))
    for each in spec.get("volumeClaimTemplates") or ():
        name = f"{each['metadata']['name']}-{item.key.name}-{number}"
        claims.append(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": name},
                "spec": each["spec"],
            }
        )
        volumes.append({"name": each["metadata"]["name"], "persistentVolumeClaim": {"claimName": name}})
    metadata = {key: template.metadata[key] for key in ("labels", "annotations") if key in template.metadata}
    pod = {
        "metadata": {**metadata, "generateName": f"{item.key.name[:50]}-"},
        "spec": {**template.spec, "volumes": volumes},
    }
    return Probe(pod, tuple(claims), f"{item.origin} {item.key}")


@dataclass(frozen=True, slots=True)
class Placement:
    """What became of pods, as lines: those that were not admitted, and those that no node takes."""

    rejected: tuple[str, ...]
    pending: tuple[str, ...]


def place(api: Api, namespace: str, wanted: Iterable[Probe]) -> Placement:
    """Create pods in a namespace, wait until the scheduler has placed them or says why not, and delete them."""
    owners: dict[str, str] = {}
    rejected = []
    for probe in wanted:
        for claim in probe.claims:
            api.apply(f"{CLAIMS.format(namespace)}/{claim['metadata']['name']}", claim, force=True)
        answer = api.request("POST", PODS.format(namespace), probe.pod)
        if answer.status == 201:
            owners[answer.body["metadata"]["name"]] = probe.owner
        else:
            rejected.append(f"{probe.owner}: {answer.message}")
    waiting = _wait(api, namespace) if owners else {}
    api.request("DELETE", PODS.format(namespace), {"gracePeriodSeconds": 0})
    pending = tuple(f"{owners[name]}: {why}" for name, why in sorted(waiting.items()))
    return Placement(tuple(rejected), pending)


def _wait(api: Api, namespace: str) -> dict[str, str]:
    """Return why each pod waits that is not placed once nothing moves any more; usually there is none."""
    waiting: dict[str, str] = {}
    moved = time.monotonic()
    while time.monotonic() - moved < _patience(waiting.values()):
        pods = api.list(PODS.format(namespace))
        now = {each["metadata"]["name"]: _why(each) for each in pods if not each["spec"].get("nodeName")}
        if not now:
            return {}
        if now.keys() != waiting.keys() or NOT_SEEN in now.values():
            moved = time.monotonic()
        waiting = now
        time.sleep(0.2)
    return waiting


def _patience(reasons: Iterable[str]) -> float:
    return BINDING_SECONDS if any(UNBOUND in why for why in reasons) else STALLED_SECONDS


def _why(pod: Object) -> str:
    """The scheduler's words for a pod that it has not placed."""
    conditions = pod["status"].get("conditions", [])
    said = [each.get("message", "") for each in conditions if each["type"] == "PodScheduled"]
    return said[0] if said else NOT_SEEN
