"""What `yardarm doctor` looks at in one environment: its source, its cluster, and our rights there."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from yardarm_reconciler.cli import checks
from yardarm_reconciler.cli.sessions import KubernetesSession
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.node import place_at
from yardarm_reconciler.model.origin import FencedError, TransientError, UserError
from yardarm_reconciler.model.rights import Right, needed
from yardarm_reconciler.pipeline import Machinery, desired_in, specs_of
from yardarm_reconciler.report.doctor import Finding, Mark
from yardarm_reconciler.report.names import short
from yardarm_reconciler.report.text import ago, count

if TYPE_CHECKING:  # imported when needed: start-up time
    from yardarm_reconciler.kube.discovery import Discovery
    from yardarm_reconciler.kube.examining import Examiner

OLDEST, NEWEST = (1, 30), (1, 37)
"""Of Kubernetes: before the first it does not say in two requests what it serves; the last is what is tested."""

SKEW = timedelta(seconds=5)
"""A difference of clocks that nobody notices. A lease lasts three times as long."""

NAMED = 3
"""Workloads that are named of those which need an API."""

SERVED_BY = {
    "gatewayAPI": "gateway.networking.k8s.io",
    "envoyGateway": "gateway.envoyproxy.io",
    "istio": "security.istio.io",
    "inferencePool": "inference.networking.k8s.io",
    "keda": "keda.sh",
    "kueue": "kueue.x-k8s.io",
    "jobset": "jobset.x-k8s.io",
    "lws": "leaderworkerset.x-k8s.io",
    "trainer": "trainer.kubeflow.org",
    "kuberay": "ray.io",
    "argoWorkflows": "argoproj.io",
    "externalSecrets": "external-secrets.io",
    "prometheusOperator": "monitoring.coreos.com",
    "dra": "resource.k8s.io",
    "fqdnEgress": "cilium.io",
}
"""Capabilities that can be seen by an API group; the others show only in what happens."""


def checkup(binding: Binding, machinery: Machinery, *, runs: bool) -> Iterator[Finding]:
    """Look at one environment. ``runs`` is whether a program that runs on is to look after it."""
    desired = None
    try:
        revision = binding.source.poll().id
        specs = specs_of(binding.source.tree(revision), machinery, binding.unit.platform)
        yield checks.specs(specs, short(revision))
        desired = desired_in(specs, binding.unit.environment)
        yield from _environment(desired)
    except (UserError, TransientError) as error:
        yield _failed("repository", error, "look at the source of this environment in the settings")
    session = binding.session
    try:
        if not isinstance(session, KubernetesSession):
            yield _unit(*_opened(binding, machinery))
            return
        with session.examiner() as examiner:
            yield from _cluster(examiner, session, Asked(binding, desired, machinery, runs))
    except (UserError, TransientError, FencedError) as error:
        yield _failed(
            "cluster", error, "look at this environment's cluster in the settings, and its kubeconfig"
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a cluster: for which unit, with what it is to have."""

    binding: Binding
    desired: Desired | None
    machinery: Machinery
    runs: bool


def _opened(binding: Binding, machinery: Machinery) -> tuple[Inventory, str]:
    """The unit's inventory, and which cluster it is in."""
    with contextlib.closing(binding.session), binding.session(machinery.pool) as (live, journal):
        return journal.read(), live.identity()


def _failed(topic: str, error: Exception, fix: str) -> Finding:
    found = error.diagnostics if isinstance(error, UserError) else ()
    return Finding(
        topic, Mark.WRONG, str(found[0] if found else error), (found[0].fix if found else "") or fix
    )


def _environment(desired: Desired) -> Iterator[Finding]:
    if desired.resolution.environment is None:
        name = desired.resolution.environment_name
        said = f"the repository has no valid Environment {name!r}"
        yield Finding("environment", Mark.WRONG, said, "yardarm validate, and yardarm new Environment")


def _unit(inventory: Inventory, identity: str) -> Finding:
    parent = inventory.parent
    if parent is None:
        return Finding("inventory", Mark.NOTE, f"none yet in cluster {identity}: the first sync makes it")
    known = f"unit {parent.unit} in cluster {identity}, {count(len(inventory.records), 'workload')}"
    return Finding("inventory", Mark.FINE, f"{known} @ {short(parent.revision) or 'no revision yet'}")


def _cluster(examiner: Examiner, session: KubernetesSession, asked: Asked) -> Iterator[Finding]:
    yield kubernetes_of(examiner.version(), examiner.account())
    inventory = None
    try:
        inventory, identity = _opened(asked.binding, asked.machinery)
        yield _unit(inventory, identity)
    except (UserError, TransientError, FencedError) as error:
        yield _failed("inventory", error, "see rights, and the unit's id and cluster in the settings")
    yield clock_of(examiner.ahead())
    yield _lease(examiner, session.namespace, asked.machinery.clock.now())
    served = examiner.served()
    if asked.desired:
        yield from _unserved(asked.desired, served)
        yield from _capabilities(asked.desired, served)
    rights = needed(_keys(asked.desired, inventory), session.namespace, writes=True, follows=asked.runs)
    lacking = examiner.lacking(rights, served, asked.machinery.pool)
    for said, fix in missing(lacking, {kind: each.plural for kind, each in served.resources.items()}):
        yield Finding("rights", Mark.WRONG, said, fix)
    if not lacking:
        kinds = count(len({each.kind for each in rights}), "kind")
        yield Finding("rights", Mark.FINE, f"all that is needed, of {kinds}")


def _keys(desired: Desired | None, inventory: Inventory | None) -> frozenset[Key]:
    """All objects that a unit has or is to have."""
    had = {key for record in inventory.records.values() for key in record.keys} if inventory else set()
    wanted = desired.workloads if desired else ()
    return frozenset({*had, *(made.key for each in wanted for made in each.manifests)})


def kubernetes_of(version: str, account: str) -> Finding:
    """Whether a version of Kubernetes is one that is supported."""
    numbers = re.match(r"v?(\d+)\.(\d+)", version)
    found = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
    said = f"Kubernetes {version}" + (f", where we are {account}" if account else "")
    if found < OLDEST:
        return Finding(
            "cluster", Mark.WRONG, said, "Kubernetes 1.30 is the oldest that is supported: upgrade it"
        )
    if found > NEWEST:
        return Finding("cluster", Mark.NOTE, f"{said}; newer than 1.{NEWEST[1]}, the newest that is tested")
    return Finding("cluster", Mark.FINE, said)


def clock_of(ahead: timedelta | None) -> Finding:
    """Whether our clock and the server's agree."""
    if ahead is None:
        return Finding("clock", Mark.NOTE, "the server does not tell its time")
    off = abs(ahead)
    if off <= SKEW:
        return Finding("clock", Mark.FINE, "within some seconds of the server's")
    where = "behind" if ahead > timedelta(0) else "ahead of"
    said = f"ours is {ago(off)} {where} the server's: leases, windows and ages are judged by it"
    return Finding("clock", Mark.WRONG, said, "set the clock of this machine by NTP, or that of the server")


def _lease(examiner: Examiner, records: str, now: datetime) -> Finding:
    try:
        holder = examiner.holder(records)
    except TransientError as error:
        return Finding("lease", Mark.WRONG, str(error), "see rights")
    if holder is not None and holder.until > now:
        return Finding("lease", Mark.FINE, f"held by {holder.name}: stop it before a command of yours writes")
    last = f"; the last was {holder.name}, {ago(now - holder.until)} ago" if holder else ""
    return Finding("lease", Mark.FINE, f"nobody holds it{last}")


def _unserved(desired: Desired, served: Discovery) -> Iterator[Finding]:
    """Kinds, and versions of them, that workloads need and the cluster does not have."""
    needing: dict[tuple[GroupKind, str], set[str]] = {}
    for each in desired.workloads:
        for made in each.manifests:
            version = made.api_version.rpartition("/")[2]
            resource = served.resources.get(made.key.group_kind)
            if resource is None or version not in resource.versions:
                needing.setdefault((made.key.group_kind, version), set()).add(each.id)
    for (kind, version), ids in sorted(needing.items()):
        some = ", ".join([*sorted(ids)[:NAMED], *(["…"] if len(ids) > NAMED else [])])
        said = f"the cluster serves no {kind} in {version}, which {count(len(ids), 'workload')} want: {some}"
        yield Finding(
            "apis", Mark.WRONG, said, "install what serves it, or take from the specs what needs it"
        )
    if not needing:
        yield Finding("apis", Mark.FINE, "all that the workloads need is served")


def _capabilities(desired: Desired, served: Discovery) -> Iterator[Finding]:
    """What the Environment says that its cluster has, and has not."""
    environment = desired.specs.environments.get(desired.resolution.environment_name)
    if environment is None:
        return
    groups = {kind.group for kind in served.resources}
    for index, each in enumerate(environment.model.capabilities):
        group = SERVED_BY.get(each)
        if group is not None and group not in groups | served.unknown:
            place = place_at(environment.document.node, ("spec", "capabilities", index))
            said = f"{each} is declared, but the cluster does not serve {group}"
            yield Finding("capabilities", Mark.NOTE, said, f"install it, or remove it from {place}")


def missing(lacking: list[Right], plurals: Mapping[GroupKind, str]) -> Iterator[tuple[str, str]]:
    """Rights by the rule that would give them: what may not be done, and that rule."""
    verbs: dict[tuple[GroupKind, str], list[str]] = {}
    for each in lacking:
        verbs.setdefault((each.kind, each.namespace), []).append(each.verb)
    spaces: dict[tuple[GroupKind, tuple[str, ...]], list[str]] = {}
    for (kind, space), listed in verbs.items():
        spaces.setdefault((kind, tuple(sorted(listed))), []).append(space)
    for (kind, several), where in sorted(spaces.items()):
        plural = plurals[kind] + (f".{kind.group}" if kind.group else "")
        place = f" in {', '.join(sorted(where))}" if all(where) else " in the whole cluster"
        rule = f'{{apiGroups: ["{kind.group}"], resources: [{plurals[kind]}], verbs: [{", ".join(several)}]}}'
        role = "a Role there" if all(where) else "a ClusterRole"
        yield f"may not {', '.join(several)} {plural}{place}", f"give our account {role} with: {rule}"
