"""Devices by claims: dynamic resource allocation, where the environment binds a class so.

The template of a claim is immutable, so its name carries its content.
https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.expand.names import part_name, short_hash
from yardarm_reconciler.model.manifest import Manifest, Object, canonical, manifest
from yardarm_reconciler.model.workload import BoundAccelerator, Resolved
from yardarm_schema.workload import Program

CLAIM = "accelerator"
"""Name of the claim in the pod, and of the request in its template."""

KIND = "ResourceClaimTemplate"


def templates(workload: Resolved[Any]) -> Iterator[Manifest]:
    """The template of each program's claim, where its devices are claimed."""
    for program in workload.programs():
        bound = program.accelerator
        if bound is not None and bound.claimed:
            spec = _spec(bound)
            body = {
                "apiVersion": "resource.k8s.io/v1",
                "kind": KIND,
                "metadata": metadata(workload, _name(program, spec)),
                "spec": spec,
            }
            yield manifest(body, program.origin("spec.accelerator"))


def of_pod(program: Resolved[Program]) -> list[Object]:
    """The pod's claims."""
    bound = program.accelerator
    if bound is None or not bound.claimed:
        return []
    return [{"name": CLAIM, "resourceClaimTemplateName": _name(program, _spec(bound))}]


def of_container(program: Resolved[Program]) -> list[Object]:
    """The claims that the main container uses."""
    return [{"name": claim["name"]} for claim in of_pod(program)]


def _name(program: Resolved[Program], spec: Object) -> str:
    return part_name(program, short_hash(canonical(spec)))


def _spec(bound: BoundAccelerator) -> Object:
    claim = bound.binding.dra
    if claim is None:
        raise TypeError("only a class with a claim has a template")
    exactly: dict[str, Any] = {
        "deviceClassName": claim.device_class,
        "allocationMode": "ExactCount",
        "count": bound.count,
    }
    if claim.selectors:
        exactly["selectors"] = [{"cel": {"expression": each}} for each in claim.selectors]
    return {"spec": {"devices": {"requests": [{"name": CLAIM, "exactly": exactly}]}}}
