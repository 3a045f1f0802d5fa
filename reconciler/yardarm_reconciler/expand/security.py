"""What a pod may do, as it is rendered: Pod Security's level "restricted", and the exceptions that were allowed.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yardarm_reconciler.expand import storage
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.security import SecurityException
from yardarm_schema.workload import Program

ADDED: Mapping[SecurityException, str] = {"ipcLock": "IPC_LOCK", "sysNice": "SYS_NICE"}
"""Capabilities of the main container by exception."""


def exceptions(program: Resolved[Program]) -> frozenset[SecurityException]:
    """What a program may do beyond restricted: what it names, and what its devices and network cannot do without."""
    bound = program.accelerator
    fabric = program.environment.fabrics.get(program.spec.network.fabric or "")
    return frozenset(
        (
            *program.spec.security.exceptions,
            *(bound.binding.exceptions if bound else ()),
            *(fabric.exceptions if fabric else ()),
        )
    )


def host(program: Resolved[Program]) -> dict[str, Any]:
    """What the pod shares with its node."""
    allowed = exceptions(program)
    shared: dict[str, Any] = {"hostIPC": True} if "hostIPC" in allowed else {}
    if "hostNetwork" in allowed:
        # Else names of the cluster would be asked of the node's resolver.
        shared |= {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}
    return shared


def of_pod(program: Resolved[Program]) -> Object:
    """Ownership of a volume is only changed where it differs: a walk over a large one takes hours."""
    asked, bound = program.spec.security, program.accelerator
    fields = {
        "runAsNonRoot": None if "root" in exceptions(program) else True,
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsUser": asked.run_as_user,
        "fsGroup": asked.fs_group,
        "fsGroupChangePolicy": "OnRootMismatch" if asked.fs_group is not None else None,
        "supplementalGroups": list(bound.binding.supplemental_groups) if bound else None,
    }
    return {key: value for key, value in fields.items() if value not in (None, [])}


def beside_main() -> Object:
    """Of a sidecar or init container: exceptions are the main container's alone."""
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def of_container(program: Resolved[Program]) -> Object:
    """No way to more rights, no capabilities but those that were allowed, and a root that nobody writes to."""
    added = sorted(ADDED[each] for each in exceptions(program) if each in ADDED)
    fields: dict[str, Any] = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"], **({"add": added} if added else {})},
    }
    if storage.read_only_root(program):
        fields["readOnlyRootFilesystem"] = True
    return fields
