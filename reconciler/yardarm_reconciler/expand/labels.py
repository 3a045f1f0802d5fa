"""Metadata of every object: labels that select, labels that tell, and where the object comes from.

https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
"""

from __future__ import annotations

from typing import Any

from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.workload import Resolved

ORIGIN = "yardarm.dev/origin"
"""Annotation with the spec's file. Not its line: a comment above it would then be a change to every object."""

RUN = "yardarm.dev/run"
COMPONENT, PICKER = "app.kubernetes.io/component", "endpoint-picker"
"""Label that tells what an object is of, and its value for the platform's program beside a model."""

PART = "yardarm.dev/part"
"""Label that tells the pods of one workload's roles, variants and steps apart."""


def selector(workload: Resolved[Any]) -> Object:
    """What selects a workload's pods, or those of one part. In immutable fields: these labels and no others, for ever."""
    part = {PART: workload.part} if workload.part else {}
    return {**pods_of(workload.team, workload.name), **part}


def pods_of(team: str, name: str) -> Object:
    """Labels that all pods of any workload have, whatever part they are."""
    return {"yardarm.dev/team": team, "yardarm.dev/workload": name}


def labels(workload: Resolved[Any]) -> dict[str, str]:
    """The author's labels, then ours, which win."""
    return {
        **workload.labels,
        "app.kubernetes.io/name": workload.name,
        "app.kubernetes.io/instance": workload.name,
        "app.kubernetes.io/part-of": workload.team,
        "app.kubernetes.io/managed-by": "yardarm",
        COMPONENT: workload.component,
        "yardarm.dev/environment": workload.environment_name,
        "yardarm.dev/workload-kind": workload.kind,
        **selector(workload),
    }


def metadata(workload: Resolved[Any], name: str) -> dict[str, Any]:
    """Metadata of an object of this workload in its namespace."""
    return {
        "name": name,
        "namespace": workload.namespace,
        "labels": labels(workload),
        "annotations": {**workload.annotations, ORIGIN: workload.origin().path},
    }
