"""Pod Security's level "restricted" on final pods, and what each exception lets pass."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from yardarm_reconciler.expand.restricted import check
from yardarm_reconciler.model.declared import NOTHING
from yardarm_reconciler.model.manifest import manifest
from yardarm_reconciler.model.origin import Place

PLACE = Place("workloads/api.yaml", 3, 1)
CONTAINER: dict[str, Any] = {
    "name": "main",
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
POD: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [CONTAINER],
}
KINDS = ("containers", "initContainers", "ephemeralContainers")


def found(pod: dict[str, Any], *exceptions: Any) -> set[str]:
    """Codes of what is wrong with a pod."""
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b"}, "spec": pod}
    return {each.code.name for each in check((manifest(body, PLACE),), frozenset(exceptions), NOTHING)}


def with_container(kind: str, **security: Any) -> dict[str, Any]:
    """A good pod with one more container that says this besides what is needed."""
    pod = copy.deepcopy(POD)
    context = {**CONTAINER["securityContext"], **security}
    pod.setdefault(kind, []).append({"name": "other", "securityContext": context})
    return pod


def test_a_good_pod_passes():
    """What the expanders make."""
    assert found(POD) == set()


@pytest.mark.parametrize(
    ("flag", "exception"), [("hostNetwork", "hostNetwork"), ("hostIPC", "hostIPC"), ("hostPID", None)]
)
def test_what_the_node_has_is_shared_only_by_exception(flag, exception):
    """And hostPID never."""
    pod = {**POD, flag: True}
    assert found(pod) == {"security/host-access"}
    assert found(pod, "root", "ipcLock") == {"security/host-access"}
    assert exception is None or found(pod, exception) == set()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("security", "code"),
    [
        ({"privileged": True}, "security/host-access"),
        ({"windowsOptions": {"hostProcess": True}}, "security/host-access"),
        ({"allowPrivilegeEscalation": None}, "security/not-restricted"),
        ({"allowPrivilegeEscalation": True}, "security/not-restricted"),
        ({"capabilities": {}}, "security/not-restricted"),
        ({"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}, "security/not-restricted"),
        ({"runAsUser": 0}, "security/not-restricted"),
        ({"runAsNonRoot": False}, "security/not-restricted"),
        ({"seccompProfile": {"type": "Unconfined"}}, "security/not-restricted"),
        ({"appArmorProfile": {"type": "Unconfined"}}, "security/not-restricted"),
        ({"seLinuxOptions": {"type": "spc_t"}}, "security/not-restricted"),
        ({"seLinuxOptions": {"user": "system_u"}}, "security/not-restricted"),
        ({"procMount": "Unmasked"}, "security/not-restricted"),
    ],
)
def test_every_container_of_every_kind_is_held(kind, security, code):
    """One that may more makes the others' limits worthless."""
    assert found(with_container(kind, **security)) == {code}


@pytest.mark.parametrize(("name", "exception"), [("IPC_LOCK", "ipcLock"), ("SYS_NICE", "sysNice")])
def test_a_capability_is_added_by_its_exception_and_no_other(name, exception):
    """Each exception is one thing."""
    pod = with_container("containers", capabilities={"drop": ["ALL"], "add": [name]})
    others = {"ipcLock", "sysNice", "root", "hostIPC", "hostNetwork"} - {exception}
    assert found(pod, exception) == set()
    assert found(pod, *others) == {"security/not-restricted"}


def test_root_is_an_exception():
    """With it, neither user nor runAsNonRoot are looked at."""
    pod = copy.deepcopy(POD)
    pod["securityContext"] = {"seccompProfile": {"type": "RuntimeDefault"}, "runAsUser": 0}
    assert found(pod) == {"security/not-restricted"}
    assert found(pod, "root") == set()


@pytest.mark.parametrize(
    ("volume", "code"),
    [
        ({"hostPath": {"path": "/dev"}}, "security/host-access"),
        ({"nfs": {"server": "a", "path": "/"}}, "security/not-restricted"),
        ({"emptyDir": {}}, None),
        ({"image": {"reference": "a"}}, None),
    ],
)
def test_volumes_are_of_the_kinds_that_are_allowed(volume, code):
    """No path of the node, no network file system past the storage classes."""
    assert found({**POD, "volumes": [{"name": "v", **volume}]}) == ({code} if code else set())


@pytest.mark.parametrize("kind", KINDS)
def test_ports_of_the_node_are_refused(kind):
    """Two pods of one node could not both run, and everybody outside could reach it."""
    pod = with_container(kind)
    pod[kind][-1]["ports"] = [{"containerPort": 80, "hostPort": 80}]
    assert found(pod) == {"security/host-access"}


@pytest.mark.parametrize("probe", ["livenessProbe", "readinessProbe", "startupProbe"])
def test_a_probe_asks_its_own_pod(probe):
    """With a host it would have the node ask whom it likes."""
    pod = with_container("containers")
    pod["containers"][-1][probe] = {"httpGet": {"host": "169.254.169.254", "path": "/", "port": 80}}
    assert found(pod) == {"security/not-restricted"}


def test_kernel_parameters_are_those_that_are_safe():
    """Those of https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/ that need no trust."""
    pod = copy.deepcopy(POD)
    pod["securityContext"]["sysctls"] = [{"name": "kernel.msgmax", "value": "1"}]
    assert found(pod) == {"security/not-restricted"}


def test_a_problem_is_shown_at_the_line_that_asked():
    """The manifest's origin is the place."""
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {**POD, "hostPID": True}}
    (problem,) = check((manifest(body, PLACE),), frozenset(), NOTHING)
    assert problem.place == PLACE
