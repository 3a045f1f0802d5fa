"""Pod Security's level "restricted", held against the final pods, however they came to be.

The namespace's own level may be laxer for the sake of one workload; its other pods are held to this all the same.
https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, checks as in
https://github.com/kubernetes/pod-security-admission/tree/master/policy
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.walker import templates
from yardarm_schema.security import SecurityException

HOST_ACCESS = Code(
    "security/host-access",
    title="A pod reaches into its node",
    why="It would see devices, files or network of others past every limit.",
    bad="hostNetwork: true",
    good="network: {egress: [{cidr: 10.0.0.0/8}]}",
)
NOT_RESTRICTED = Code(
    "security/not-restricted",
    title="A pod may do more than Pod Security's level restricted allows",
    why="Every pod is held to restricted, whatever its namespace admits; exceptions have names and are allowed by the platform.",
    bad="patch: {pod: {spec: {containers: [{name: main, securityContext: {allowPrivilegeEscalation: true}}]}}}",
    good="security: {exceptions: [ipcLock]}, where Environment.policy.exceptions has it",
)

CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)
SECCOMP = frozenset({"RuntimeDefault", "Localhost"})
SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem",
    }
)
CAPABILITY: Mapping[str, SecurityException] = {"IPC_LOCK": "ipcLock", "SYS_NICE": "sysNice"}
HOST: Mapping[str, SecurityException | None] = {
    "hostNetwork": "hostNetwork",
    "hostIPC": "hostIPC",
    "hostPID": None,
}
"""Flags of a pod that share something of the node, with the exception that allows each."""

Allowed = frozenset[SecurityException]
Problem = tuple[Code, str]


def check(manifests: tuple[Manifest, ...], allowed: Allowed, declared: Declared) -> Iterator[Diagnostic]:
    """Say what the pods of one workload may do that they must not, at the lines that asked for them."""
    for item in manifests:
        for template in templates(item.body, declared):
            for code, message in problems(template.spec, allowed):
                yield code.at(item.origin, f"{item.key.kind} {item.key.name}: {message}")


def problems(pod: Mapping[str, Any], allowed: Allowed) -> Iterator[Problem]:
    """What one pod may do that it must not."""
    for flag, exception in HOST.items():
        if pod.get(flag) and exception not in allowed:
            yield HOST_ACCESS, f"{flag} is not allowed"
    for volume in pod.get("volumes") or ():
        kinds = set(volume) - {"name"}
        if "hostPath" in kinds:
            yield HOST_ACCESS, f"volume {volume['name']} is a path of the node"
        elif not kinds <= VOLUMES:
            yield NOT_RESTRICTED, f"volume {volume['name']} is of a kind that is not allowed"
    whole = pod.get("securityContext") or {}
    yield from _context("the pod", whole)
    for sysctl in whole.get("sysctls") or ():
        if sysctl.get("name") not in SYSCTLS:
            yield NOT_RESTRICTED, f"the pod sets sysctl {sysctl.get('name')}"
    for kind in CONTAINER_LISTS:
        for container in pod.get(kind) or ():
            yield from _container(container, whole, allowed)


def _container(container: Mapping[str, Any], pod: Mapping[str, Any], allowed: Allowed) -> Iterator[Problem]:
    name, own = f"container {container['name']}", container.get("securityContext") or {}
    yield from _context(name, own)
    if own.get("privileged"):
        yield HOST_ACCESS, f"{name} is privileged"
    if own.get("procMount") not in (None, "Default"):
        yield NOT_RESTRICTED, f"{name} mounts /proc unmasked"
    if own.get("allowPrivilegeEscalation") is not False:
        yield NOT_RESTRICTED, f"{name} must set allowPrivilegeEscalation: false"
    for port in container.get("ports") or ():
        if port.get("hostPort") and "hostNetwork" not in allowed:
            yield HOST_ACCESS, f"{name} takes port {port['hostPort']} of the node"
    yield from _capabilities(name, own.get("capabilities") or {}, allowed)
    user, non_root = (own.get(key, pod.get(key)) for key in ("runAsUser", "runAsNonRoot"))
    if "root" not in allowed and (non_root is not True or user == 0):
        yield NOT_RESTRICTED, f"{name} may run as root"
    seccomp = own.get("seccompProfile") or pod.get("seccompProfile") or {}
    if seccomp.get("type") not in SECCOMP:
        yield NOT_RESTRICTED, f"{name} has no seccomp profile"
    yield from _hosts(name, container)


def _capabilities(name: str, asked: Mapping[str, Any], allowed: Allowed) -> Iterator[Problem]:
    if "ALL" not in (asked.get("drop") or ()):
        yield NOT_RESTRICTED, f"{name} must drop all capabilities"
    for added in asked.get("add") or ():
        if added != "NET_BIND_SERVICE" and CAPABILITY.get(added) not in allowed:
            yield NOT_RESTRICTED, f"{name} adds the capability {added}"


def _context(name: str, context: Mapping[str, Any]) -> Iterator[Problem]:
    """What neither a pod nor a container may say."""
    options = context.get("seLinuxOptions") or {}
    if options.get("type") not in (
        None,
        "",
        "container_t",
        "container_init_t",
        "container_kvm_t",
        "container_engine_t",
    ):
        yield NOT_RESTRICTED, f"{name} sets an SELinux type"
    if options.get("user") or options.get("role"):
        yield NOT_RESTRICTED, f"{name} sets an SELinux user or role"
    if (context.get("appArmorProfile") or {}).get("type") == "Unconfined":
        yield NOT_RESTRICTED, f"{name} is not confined by AppArmor"
    if (context.get("seccompProfile") or {}).get("type") == "Unconfined":
        yield NOT_RESTRICTED, f"{name} is not confined by seccomp"
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield HOST_ACCESS, f"{name} is a process of the node"


def _hosts(name: str, container: Mapping[str, Any]) -> Iterator[Problem]:
    """Probes and hooks must not be sent to other hosts from the node."""
    lifecycle = container.get("lifecycle") or {}
    asked = [container.get(f"{kind}Probe") or {} for kind in ("liveness", "readiness", "startup")]
    asked += [lifecycle.get(hook) or {} for hook in ("preStop", "postStart")]
    for question in asked:
        if any((question.get(how) or {}).get("host") for how in ("httpGet", "tcpSocket")):
            yield NOT_RESTRICTED, f"{name} has a probe of another host"
