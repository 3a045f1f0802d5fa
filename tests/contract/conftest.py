"""The places that the ports are tried on: a directory, and a real API server."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.kubernetes import JITTER, RealClock, config_maps, transport
from yardarm_reconciler.directory.cluster import DirectoryCluster
from yardarm_reconciler.directory.store import DirectoryStore
from yardarm_reconciler.kube.cluster import KubernetesCluster
from yardarm_reconciler.kube.store import KubernetesStore
from yardarm_reconciler.live.polled import Polled
from yardarm_reconciler.model.manifest import Key, Manifest, manifest
from yardarm_reconciler.model.yaml_text import yaml_text
from yardarm_reconciler.ports import Cluster, Feeds, InventoryStore


@dataclass(frozen=True, slots=True)
class Site:
    """One place with everything a common test needs; ``edit`` and ``put`` are somebody else's hand."""

    cluster: Cluster
    store: InventoryStore
    namespace: str
    restarted: Callable[[], tuple[Cluster, InventoryStore]]
    feeds: Callable[[], Feeds]
    put: Callable[[Manifest], None]
    edit: Callable[[Key, Mapping[str, str]], None]

    def config_map(
        self, name: str = "one", *, labels: Mapping[str, str] | None = None, **data: str
    ) -> Manifest:
        """A ConfigMap as an expander would make it."""
        metadata = {"name": name, "namespace": self.namespace, "labels": dict(labels or {"set": "a"})}
        return manifest(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data or {"a": "1"}}
        )


@pytest.fixture
def pool() -> Iterator[Executor]:
    """Threads for questions."""
    with ThreadPoolExecutor(4) as made:
        yield made


@pytest.fixture(params=["directory", pytest.param("kubernetes", marks=pytest.mark.controlplane)])
def site(request, tmp_path, pool) -> Iterator[Site]:
    """Both places in turn."""
    if request.param == "directory":
        yield from directory_site(tmp_path / "rendered", pool)
    else:
        yield request.getfixturevalue("kubernetes_site")


def directory_site(root: Path, pool: Executor) -> Iterator[Site]:
    """A new directory, locked by us."""

    def edit(key: Key, data: Mapping[str, str]) -> None:
        path = root / key.namespace / str(key.group_kind) / f"{key.name}.yaml"
        lines = "".join(f"  {name}: '{value}'\n" for name, value in data.items())
        path.write_text(path.read_text().split("data:")[0] + "data:\n" + lines)

    def put(made: Manifest) -> None:
        path = root / made.key.namespace / str(made.key.group_kind) / f"{made.key.name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml_text(made.body))

    cluster = DirectoryCluster(root)
    with cluster.locked():
        yield Site(
            cluster=cluster,
            store=DirectoryStore(root),
            namespace="team-a",
            restarted=lambda: (DirectoryCluster(root), DirectoryStore(root)),
            feeds=lambda: Polled(cluster, pool),
            put=put,
            edit=edit,
        )


@pytest.fixture
def kubernetes_site(dev, api, namespace) -> Iterator[Site]:
    """A new namespace of the shared API server; the store's namespace does not exist yet."""
    unit = f"u-{secrets.token_hex(4)}"
    with transport(dev.kubeconfig, RealClock()) as first, transport(dev.kubeconfig, RealClock()) as second:
        cluster = KubernetesCluster(first)
        yield Site(
            cluster=cluster,
            store=KubernetesStore(first, unit, f"{namespace}-store"),
            namespace=namespace,
            restarted=lambda: (
                KubernetesCluster(second),
                KubernetesStore(second, unit, f"{namespace}-store"),
            ),
            feeds=lambda: cluster.watches(lambda: None, JITTER),
            put=lambda made: api.post(config_maps(namespace), dict(made.body)),
            edit=lambda key, data: api.patch(config_maps(namespace, key.name), {"data": dict(data)}),
        )
    api.delete(f"/api/v1/namespaces/{namespace}-store")
