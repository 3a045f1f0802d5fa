"""The command lines of the control plane's programs: data in, arguments out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.certificates import Certificates
from tests.controlplane.configuration import AUDIT_POLICY
from tests.controlplane.process import Command

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one environment's programs, on loopback."""

    api_server: int
    controller_manager: int
    scheduler: int
    kwok: int


@dataclass(frozen=True, slots=True)
class Place:
    """What the programs of one environment share."""

    name: str
    folder: Path
    programs: Mapping[str, Path]
    certificates: Certificates
    stages: Path
    etcd_url: str
    ports: Ports

    @property
    def url(self) -> str:
        """The API server's address."""
        return f"https://{LOOPBACK}:{self.ports.api_server}"

    def command(self, program: str, *flags: str) -> Command:
        """Return the command that runs one of the programs here."""
        arguments = (str(self.programs[program]), *flags)
        return Command(f"{self.name}/{program}", arguments, self.folder / f"{program}.log")

    def kubeconfig(self, program: str) -> Path:
        """Return the kubeconfig that one of the programs is run with."""
        return self.folder / f"{program}.kubeconfig"


def etcd(program: Path, folder: Path, *, client_port: int, peer_port: int) -> Command:
    """One etcd for every environment. It never syncs to disk: nothing here outlives the process."""
    client, peer = f"http://{LOOPBACK}:{client_port}", f"http://{LOOPBACK}:{peer_port}"
    arguments = (
        str(program),
        "--name=n0",
        f"--data-dir={folder / 'etcd'}",
        "--unsafe-no-fsync",
        "--log-level=error",
        f"--quota-backend-bytes={4 * 1024**3}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=n0={peer}",
    )
    return Command("etcd", arguments, folder / "etcd.log")


def api_server(place: Place, extra: Sequence[str]) -> Command:
    """The API server; `extra` flags come last and win."""
    files = place.certificates
    return place.command(
        "kube-apiserver",
        f"--etcd-servers={place.etcd_url}",
        f"--etcd-prefix=/registry/{place.name}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={place.ports.api_server}",
        f"--advertise-address={LOOPBACK}",
        "--endpoint-reconciler-type=none",  # an Endpoints object may not hold a loopback address
        f"--cert-dir={place.folder}",
        *_serving(files),
        f"--client-ca-file={files.ca}",
        f"--token-auth-file={place.folder / 'tokens.csv'}",
        "--anonymous-auth=false",
        "--authorization-mode=Node,RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={files.accounts_public}",
        f"--service-account-signing-key-file={files.accounts_key}",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--allow-privileged=true",
        "--event-ttl=15m",
        "--profiling=false",
        f"--audit-policy-file={AUDIT_POLICY}",
        f"--audit-log-path={place.folder / 'audit.log'}",
        "--audit-log-maxsize=0",  # never rotated: readers keep offsets into it
        *extra,
    )


def controller_manager(place: Place) -> Command:
    """The controllers. At the default of 20 requests a second they, not we, would set every time measured."""
    files = place.certificates
    return place.command(
        "kube-controller-manager",
        *_component(place, "kube-controller-manager", place.ports.controller_manager),
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={files.accounts_key}",
        f"--root-ca-file={files.ca}",
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
    )


def scheduler(place: Place) -> Command:
    """The real scheduler: labels, taints and device counts decide as in production."""
    return place.command("kube-scheduler", *_component(place, "kube-scheduler", place.ports.scheduler))


def kwok(place: Place) -> Command:
    """Plays every kubelet: nodes turn Ready and pods run, without a machine."""
    return place.command(
        "kwok",
        f"--kubeconfig={place.kubeconfig('kwok')}",
        f"--config={place.stages}",
        "--manage-all-nodes=true",
        f"--node-ip={LOOPBACK}",
        f"--node-port={place.ports.kwok}",
        f"--server-address={LOOPBACK}:{place.ports.kwok}",
        "--node-lease-duration-seconds=40",
        "--cidr=10.244.0.0/16",
        *_serving(place.certificates),
    )


def _component(place: Place, program: str, port: int) -> tuple[str, ...]:
    kubeconfig = place.kubeconfig(program)
    return (
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={port}",
        *_serving(place.certificates),
        "--leader-elect=false",
        "--profiling=false",
    )


def _serving(files: Certificates) -> tuple[str, str]:
    return f"--tls-cert-file={files.server}", f"--tls-private-key-file={files.server_key}"
