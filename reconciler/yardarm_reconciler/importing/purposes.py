"""What Yardarm makes different on purpose: each is named in the report, and none is undone by a patch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from yardarm_reconciler.importing.difference import ABSENT, Difference

OURS = r"(?:yardarm\.dev/[^ ]*|app\.kubernetes\.io/(?:name|instance|part-of|managed-by|component))"
CONTAINER = r"pod spec (?:containers|initContainers) \S+"


@dataclass(frozen=True, slots=True)
class _Purpose:
    """Where a difference is one on purpose, and why; ``instead`` also where the manifest said something else."""

    kind: str
    path: str
    why: str
    instead: bool = False


OF_CLASS = "pods with these devices get what the environment says of their class"
OF_RUNTIME = "the runtime of the catalogue says it"
LABELLED = "labels of the workload are on each of its objects"
REPLACED = "these labels are Yardarm's own, so that what selects by their old values finds nothing"
SELECTED = "Yardarm finds its pods by its own labels"

_PURPOSES = (
    _Purpose("JobSet", r"spec failurePolicy rules", "a node that is drained is no failure of the run"),
    _Purpose("JobSet", r"spec failurePolicy maxRestarts", "said, though it is none"),
    _Purpose(
        "JobSet", r"spec job spec backoffLimit", "where one pod fails, all begin anew, and that is one retry"
    ),
    _Purpose(".*", rf"{CONTAINER} env YARDARM_\S+", "what a replica, a shard or a run can know of itself"),
    _Purpose(
        "StatefulSet", r"spec podManagementPolicy", "all replicas start at once, so that each can be repaired"
    ),
    _Purpose("StatefulSet", r"spec volumeClaimTemplates \S+ labels .*", "labels that never change"),
    _Purpose(
        "Job|CronJob|JobSet",
        r"pod spec restartPolicy",
        "a pod that failed is not started again in place: another one is a retry, and its log stays",
        instead=True,
    ),
    _Purpose(
        "Job|CronJob|JobSet",
        r"spec (?:jobTemplate spec |job spec )?podFailurePolicy(?: .*)?",
        "a pod whose node goes away is no failure of the program",
    ),
    _Purpose(
        "Job|CronJob|JobSet",
        r"spec (?:jobTemplate spec |job spec )?ttlSecondsAfterFinished",
        "finished runs are kept by their number (history), not by time",
        instead=True,
    ),
    _Purpose(
        ".*",
        rf"pod spec (?:nodeSelector .*|affinity .*|tolerations|runtimeClassName)|{CONTAINER} env \S+",
        OF_CLASS,
    ),
    _Purpose(
        "HTTPRoute", r"spec rules \S+ timeouts \S+", "answers of models are streams, which no gateway cuts"
    ),
    _Purpose("CronJob", r"spec timeZone", "times are those of UTC, where nothing else is said"),
    _Purpose("CronJob", r"spec failedJobsHistoryLimit", "as many failed runs are kept as others"),
    _Purpose(".*", rf"(?:pod |spec jobTemplate )?metadata labels {OURS}", SELECTED),
    _Purpose(".*", rf"(?:pod |spec jobTemplate )?metadata labels {OURS}", REPLACED, instead=True),
    _Purpose(".*", r"(?:pod |spec jobTemplate )?metadata labels \S+", LABELLED),
    _Purpose(".*", r"metadata annotations yardarm\.dev/origin", "it names the file of the spec"),
    _Purpose(
        ".*",
        rf"{CONTAINER} securityContext (?:seccompProfile .*|allowPrivilegeEscalation|capabilities drop)",
        'pods are held to Pod Security\'s level "restricted"',
    ),
    _Purpose(
        ".*",
        rf"{CONTAINER} securityContext runAsNonRoot",
        "no program runs as root: an image that would needs security.runAsUser",
    ),
    _Purpose(
        ".*",
        rf"{CONTAINER} securityContext capabilities drop",
        'pods are held to Pod Security\'s level "restricted"',
        instead=True,
    ),
    _Purpose(
        ".*",
        r"pod spec securityContext fsGroupChangePolicy",
        "a large volume is not walked over at every start",
    ),
    _Purpose(
        ".*", r"pod spec volumes yardarm-tmp", "programs expect to write to /tmp, whatever the root allows"
    ),
    _Purpose(
        ".*", rf"{CONTAINER} volumeMounts /tmp", "programs expect to write to /tmp, whatever the root allows"
    ),
    _Purpose(".*", r"pod spec automountServiceAccountToken", "no pod gets a token that it did not ask for"),
    _Purpose(".*", r"pod spec serviceAccountName", "each workload has an account of its own"),
    _Purpose(
        ".*", r"pod spec enableServiceLinks", "variables of all Services of the namespace are not handed in"
    ),
    _Purpose(".*", rf"{CONTAINER} startupProbe", "until it has started, nothing restarts it"),
    _Purpose(
        ".*",
        rf"{CONTAINER} (?:readiness|liveness|startup)Probe (?:timeoutSeconds|failureThreshold)",
        "a busy program answers late: 5 s, and a minute until it is restarted",
    ),
    _Purpose(
        ".*",
        rf"{CONTAINER} resources (?:limits|requests) (?:memory|ephemeral-storage)",
        "memory is request and limit, so that no leak takes it from others",
    ),
    _Purpose(".*", rf"{CONTAINER} ports \S+ name", "ports have names"),
    _Purpose(
        "Service",
        r"spec address",
        "the cluster gives a Service its address; clients know it by its name",
        instead=True,
    ),
    _Purpose("Service", r"spec ports \S+ name", "ports have names"),
    _Purpose(
        "Deployment", r"spec progressDeadlineSeconds", "a rollout has failed only after the time to start"
    ),
    _Purpose(
        "Deployment",
        r"spec strategy rollingUpdate max(?:Surge|Unavailable)",
        "a pod with devices is replaced in place: no surge waits for devices that are taken",
        instead=True,
    ),
    _Purpose(
        "PodDisruptionBudget",
        r"spec unhealthyPodEvictionPolicy",
        "pods that do not work never stand in the way of a drain",
    ),
)


def purpose(difference: Difference, *, asked: Iterable[str] = ()) -> str:
    """Why a difference is one on purpose, or nothing.

    Args:
        difference: between what was and what a spec renders.
        asked: paths that the manifest says something of, though it means the same as nothing.
    """
    path = " ".join(_spelled(step) for step in difference.path)
    if path in asked:
        return ""
    for each in _PURPOSES:
        if not each.instead and difference.before is not ABSENT:
            continue
        if re.fullmatch(each.kind, difference.kind) and re.fullmatch(each.path, path):
            return each.why
    return ""


def _spelled(step: str) -> str:
    return step.replace(" ", "_")
