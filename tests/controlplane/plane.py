"""Starts and stops the control plane: one etcd, and any number of environments on it."""

import itertools
import secrets
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.controlplane import commands, ready
from tests.controlplane.build import Assets, assets
from tests.controlplane.certificates import Certificates, create_certificates
from tests.controlplane.configuration import storage_classes, write_stages
from tests.controlplane.environment import Environment, free_ports, start_environment
from tests.controlplane.process import Forker, Process, stop


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """A running etcd, and the environments started on it so far."""

    folder: Path
    assets: Assets
    certificates: Certificates
    stages: Path
    etcd_url: str
    etcd: Process
    _forker: Forker
    # The only mutable state: an environment is started when it is first asked for.
    _environments: dict[str, Environment] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def environment(self, name: str) -> Environment:
        """Return the environment of that name; start it, empty, if this is the first time.

        The name is also the etcd prefix and the kubeconfig's context. Starting takes about 4 seconds.

        Raises:
            ExitedError: a program ended while starting; the message has the end of its log.
            NotReadyError: a program was not ready within 60 seconds.
        """
        return self.environments(name)[0]

    def environments(self, *names: str) -> tuple[Environment, ...]:
        """Return several environments, starting the new ones at the same time; raises as environment()."""
        with self._lock, ThreadPoolExecutor() as pool:
            new = [name for name in names if name not in self._environments]
            # All ports at once: drawn one after another, two environments could get the same.
            numbers = iter(free_ports(4 * len(new)))
            ports = [commands.Ports(*itertools.islice(numbers, 4)) for _ in new]
            for started in pool.map(self._start, new, ports):
                self._environments[started.name] = started
            return tuple(self._environments[name] for name in names)

    def fresh(self, *api_flags: str) -> Environment:
        """Return a new environment that nobody else uses, for tests that break their cluster.

        Args:
            api_flags: more flags for its API server, such as `--max-requests-inflight=2`.
        """
        ports = commands.Ports(*free_ports(4))
        started = self._start(f"fresh-{secrets.token_hex(3)}", ports, api_flags)
        with self._lock:
            self._environments[started.name] = started
        return started

    def stop_environment(self, environment: Environment) -> None:
        """Stop one environment's programs. Its data stay in etcd, so its name cannot be used again."""
        with self._lock:
            del self._environments[environment.name]
        stop(environment.processes.values())

    def stop(self) -> None:
        """Stop everything; logs and audit logs stay in `folder`."""
        with self._lock:
            running = [each for one in self._environments.values() for each in one.processes.values()]
            stop([self.etcd, *running])
            self._environments.clear()
        self._forker.close()

    def _start(self, name: str, ports: commands.Ports, api_flags: Sequence[str] = ()) -> Environment:
        folder = self.folder / name
        folder.mkdir()
        place = commands.Place(
            name=name,
            folder=folder,
            programs=self.assets.programs,
            certificates=self.certificates,
            stages=self.stages,
            etcd_url=self.etcd_url,
            ports=ports,
        )
        storage = storage_classes(self.assets.stages)
        return start_environment(place, self._forker, storage=storage, api_flags=api_flags)


def start(folder: Path) -> ControlPlane:
    """Start etcd, building the binaries first if need be.

    Args:
        folder: an empty folder for state, logs and kubeconfigs.

    Raises:
        BuildError: the binaries could not be built.
        ExitedError: etcd ended; the message has the end of its log.
        NotReadyError: etcd was not ready within 60 seconds.
    """
    binaries = assets()
    certificates = create_certificates(folder)
    stages = folder / "stages.yaml"
    write_stages(stages, binaries.stages)
    client_port, peer_port = free_ports(2)
    forker = Forker()
    command = commands.etcd(binaries.programs["etcd"], folder, client_port=client_port, peer_port=peer_port)
    etcd = forker.start(command)
    url = f"http://{commands.LOOPBACK}:{client_port}"
    plane = ControlPlane(folder, binaries, certificates, stages, url, etcd, forker)
    try:
        ready.etcd_is_ready(url, etcd)
    except BaseException:
        plane.stop()
        raise
    return plane
