"""Names of derived objects: deterministic, within the limit of their kind, and different for different input.

Limits: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and, for Jobs, the host names
of their pods, https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
"""

from __future__ import annotations

import hashlib
from typing import Any

from yardarm_reconciler.model.workload import Resolved

LABEL_LIMIT = 63
"""Characters of a DNS label (RFC 1123), which also bounds label values such as a Job's name on its pods."""

STATEFUL_SET_LIMIT = 52
"""Its pods carry the name of its revision as a label: ``<name>-<ten characters>``.

https://github.com/kubernetes/kubernetes/issues/64023
"""

SCALED_OBJECT_LIMIT = LABEL_LIMIT - len("keda-hpa-")
"""KEDA puts this before the name for its autoscaler (``verifyName`` in apis/keda/v1alpha1/scaledobject_webhook.go)."""

HASH_LENGTH = 8
"""Hex digits that stand for what was cut off: one collision in 65 000 names of one namespace, and that is found."""


def short_hash(text: str | bytes) -> str:
    """The first 8 hex digits of the sha256."""
    data = text.encode() if isinstance(text, str) else text
    return hashlib.sha256(data).hexdigest()[:HASH_LENGTH]


def derived(name: str, *parts: str, limit: int = LABEL_LIMIT) -> str:
    """Join a workload's name and what is derived from it by dashes; cut with a hash of the whole where too long.

    Args:
        name: of the workload.
        parts: purpose, volume, or hash.
        limit: most characters that the kind allows.
    """
    whole = "-".join((name, *parts))
    if len(whole) <= limit:
        return whole
    return f"{whole[: limit - HASH_LENGTH - 1].rstrip('-')}-{short_hash(whole)}"


def part_name(workload: Resolved[Any], *parts: str, limit: int = LABEL_LIMIT) -> str:
    """The name of an object of a workload, or of one of its parts: ``<name>[-<part>][-<purpose>]``."""
    return derived(workload.name, *((workload.part,) if workload.part else ()), *parts, limit=limit)


BY_ENGINE = "{{workflow.name}}"
"""In place of a run's id where Argo Workflows begins the run: it puts the name of its workflow there."""


def run_name(workload: Resolved[Any], limit: int) -> str:
    """The name of an object that is a run: its template is immutable, so another run has another name."""
    if workload.run_id == BY_ENGINE:
        return f"{BY_ENGINE}-{workload.part}"
    return part_name(workload, workload.run_id.partition("-")[2][:HASH_LENGTH], limit=limit)


def job_limit(completions: int | None) -> int:
    """Most characters of a Job's name: an indexed pod's host name is ``<job>-<index>``, a DNS label too."""
    return LABEL_LIMIT if completions is None else LABEL_LIMIT - 1 - len(str(completions - 1))


GROUP_LIMIT = 46
"""Characters of a LeaderWorkerSet's name: behind it come a dash and the number of a replica, of up to five digits, and
that is the name of a StatefulSet, which has 52: its pods carry it with a hash of ten digits in a label."""

CRON_TAIL = 11
"""A dash and a number of ten digits, which stand behind the name of a schedule in the names of what it begins."""

CRON_LIMIT = LABEL_LIMIT - CRON_TAIL
"""Characters of a CronJob's name, and of a CronWorkflow's.

https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
"""


def cron_limit(completions: int | None) -> int:
    """Most characters of a CronJob's name, so that the names of its Jobs and their pods are short enough too."""
    return CRON_LIMIT - (LABEL_LIMIT - job_limit(completions))
