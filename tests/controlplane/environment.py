"""One environment: a cluster of its own on the shared etcd, and how it is brought up."""

import socket
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane import commands, ready
from tests.controlplane.certificates import Certificates
from tests.controlplane.client import TIMEOUT_SECONDS, Api, Object, connect
from tests.controlplane.configuration import accounts, write_kubeconfig, write_tokens
from tests.controlplane.process import Forker, Process, stop

VIEWER_BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "viewers"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "viewers"}],
}


@dataclass(frozen=True, slots=True)
class Environment:
    """One running cluster. Its tokens open no other environment.

    The reconciler's token is its service account's; it has no rights until somebody binds a role to it.
    The stranger never has any.
    """

    name: str
    url: str
    certificates: Certificates
    admin_token: str
    reconciler_token: str
    viewer_token: str
    stranger_token: str
    kubeconfig: Path  # the admin's
    reconciler_kubeconfig: Path
    audit_log: Path
    etcd_url: str
    kubectl: Path
    processes: Mapping[str, Process]

    def api(self, token: str | None = None, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Api:
        """Return a new client, the admin's unless a token is given; the caller closes it."""
        return connect(
            self.url, ca=self.ca_file, token=token or self.admin_token, timeout_seconds=timeout_seconds
        )

    @property
    def ca_file(self) -> Path:
        """The authority that signed the API server's certificate."""
        return self.certificates.ca

    @property
    def api_server(self) -> Process:
        """The API server's process: to pause, resume or kill."""
        return self.processes["kube-apiserver"]

    def restart_api_server(self) -> None:
        """Start a killed API server on the same port and data, and wait until it is ready.

        Raises:
            ExitedError: it ended again.
            NotReadyError: it was not ready within 60 seconds.
        """
        self.api_server.start()
        with self.api() as api:
            ready.api_server_is_ready(api, self.api_server)


def start_environment(
    place: commands.Place, forker: Forker, *, storage: Iterable[Object], api_flags: Sequence[str]
) -> Environment:
    """Start an environment's four programs and wait until pods can run in it.

    Args:
        place: its name, ports and empty folder, and what it shares with others.
        forker: makes the processes.
        storage: StorageClasses to create.
        api_flags: more flags for the API server.

    Raises:
        ExitedError: a program ended while starting; the message has the end of its log.
        NotReadyError: a program was not ready within 60 seconds.
    """
    running: dict[str, Process] = {}
    environment = _prepare(place, running)
    with ExitStack() as on_failure, environment.api() as api:
        on_failure.callback(lambda: stop(running.values()))
        running["kube-apiserver"] = forker.start(commands.api_server(place, api_flags))
        ready.api_server_is_ready(api, running["kube-apiserver"])
        running["kube-controller-manager"] = forker.start(commands.controller_manager(place))
        running["kube-scheduler"] = forker.start(commands.scheduler(place))
        running["kwok"] = forker.start(commands.kwok(place))
        api.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", VIEWER_BINDING)
        for each in storage:
            api.post("/apis/storage.k8s.io/v1/storageclasses", each)
        ready.controllers_are_ready(api, running["kube-controller-manager"])
        ready.scheduler_is_ready(api, place.ports.scheduler, running["kube-scheduler"])
        ready.kubelets_are_ready(api, running["kwok"])
        on_failure.pop_all()
    return environment


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody listens on; all are held at once, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((commands.LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


def _prepare(place: commands.Place, processes: Mapping[str, Process]) -> Environment:
    """Make accounts, write tokens and a kubeconfig for each, and describe what is about to run."""
    known = accounts()
    write_tokens(place.folder / "tokens.csv", known.values())
    for role, account in known.items():
        write_kubeconfig(
            place.kubeconfig(role),
            name=place.name,
            url=place.url,
            ca=place.certificates.ca,
            token=account.token,
        )
    return Environment(
        name=place.name,
        url=place.url,
        certificates=place.certificates,
        admin_token=known["admin"].token,
        reconciler_token=known["reconciler"].token,
        viewer_token=known["viewer"].token,
        stranger_token=known["stranger"].token,
        kubeconfig=place.kubeconfig("admin"),
        reconciler_kubeconfig=place.kubeconfig("reconciler"),
        audit_log=place.folder / "audit.log",
        etcd_url=place.etcd_url,
        kubectl=place.programs["kubectl"],
        processes=processes,
    )
