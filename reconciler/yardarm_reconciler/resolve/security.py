"""Exceptions from Pod Security: who asks for them, who allows them, and whether the namespace admits them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yardarm_reconciler.model.namespace import pod_security
from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import Code, Diagnostic, Place
from yardarm_reconciler.model.workload import BoundAccelerator
from yardarm_reconciler.resolve.here import Here
from yardarm_schema.security import PodSecurityLevel, SecurityException
from yardarm_schema.team import Team
from yardarm_schema.workload import Program

EXCEPTION = Code(
    "policy/exception",
    title="This environment allows no such exception",
    why="Environment.policy.exceptions lists what pods may do beyond Pod Security's level restricted.",
    bad="security: {exceptions: [hostIPC]} where the policy allows [ipcLock]",
    good="security: {exceptions: [ipcLock]}",
)
LEVEL = Code(
    "security/level",
    title="The team's namespace does not admit the exception",
    why="Pod Security would refuse the pods; Team.podSecurity is the platform's word on the namespace.",
    bad="podSecurity: {production: restricted} with security: {exceptions: [ipcLock]}",
    good="podSecurity: {production: privileged} with security: {exceptions: [ipcLock]}",
)
ROOT = Code(
    "security/root",
    title="A program runs as root without the exception",
    why="User 0 of a container is user 0 of its node as soon as it breaks out.",
    bad="security: {runAsUser: 0}",
    good="security: {runAsUser: 1000}",
)
NO_RUNTIME = Code(
    "security/no-isolation",
    title="This environment has no such isolation",
    why="Environment.isolation names the RuntimeClass that separates pods more than containers do.",
    bad="isolation: gvisor in an environment without it",
    good="isolation: container",
)

LEAST_LEVEL: Mapping[SecurityException, PodSecurityLevel] = {
    "root": "baseline",
    "ipcLock": "privileged",
    "sysNice": "privileged",
    "hostIPC": "privileged",
    "hostNetwork": "privileged",
}
"""The strictest level that admits each: https://kubernetes.io/docs/concepts/security/pod-security-standards/"""

_STRICTNESS: tuple[PodSecurityLevel, ...] = ("restricted", "baseline", "privileged")


def check(
    here: Here, team: Team, spec: Program, node: Node, bound: BoundAccelerator | None
) -> Iterator[Diagnostic]:
    """Hold what a program needs beyond restricted against the policy and the team's namespace."""
    allowed = here.environment.policy.exceptions
    level = pod_security(here.environment, here.name, team)
    for exception, field, place in _asked(here, spec, node, bound):
        if exception not in allowed:
            message = f"{here.name} does not allow {exception}"
            note = f"allowed are: {', '.join(allowed) or 'none'}"
            yield EXCEPTION.at(place, message, note=note, field=field)
        elif _STRICTNESS.index(level) < _STRICTNESS.index(LEAST_LEVEL[exception]):
            message = f"{exception} needs the level {LEAST_LEVEL[exception]}, the namespace has {level}"
            fix = f"podSecurity: {{{here.name}: {LEAST_LEVEL[exception]}}} in the Team"
            yield LEVEL.at(place, message, fix=fix, field=field)
    if spec.security.run_as_user == 0 and "root" not in spec.security.exceptions:
        field = "spec.security.runAsUser"
        yield ROOT.at(place_at(node, ("security", "runAsUser")), fix="a user above 0", field=field)
    by_device = bound is not None and bound.runtime_class
    if spec.isolation != "container" and spec.isolation not in here.environment.isolation and not by_device:
        known = ", ".join(sorted(here.environment.isolation)) or "none but container"
        message = f"{here.name} has no isolation {spec.isolation}"
        yield NO_RUNTIME.at(
            place_at(node, ("isolation",)), message, note=f"{here.name} has: {known}", field="spec.isolation"
        )


def _asked(
    here: Here, spec: Program, node: Node, bound: BoundAccelerator | None
) -> Iterator[tuple[SecurityException, str, Place]]:
    """Every exception, with the field that brings it: asked for, or what a device or a network cannot do without."""
    for index, exception in enumerate(spec.security.exceptions):
        yield (
            exception,
            f"spec.security.exceptions[{index}]",
            place_at(node, ("security", "exceptions", index)),
        )
    for exception in bound.binding.exceptions if bound else ():
        yield exception, "spec.accelerator", place_at(node, ("accelerator",))
    fabric = here.environment.fabrics.get(spec.network.fabric or "")
    for exception in fabric.exceptions if fabric else ():
        yield exception, "spec.network.fabric", place_at(node, ("network", "fabric"))
