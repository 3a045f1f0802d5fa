"""When each program may be used."""

import urllib3

from tests.controlplane.client import Api
from tests.controlplane.nodes import add_nodes, cpu_node
from tests.controlplane.process import Process
from tests.controlplane.waiting import wait_until


def etcd_is_ready(url: str, process: Process) -> None:
    """Wait for etcd to say that it is healthy."""
    with urllib3.PoolManager(retries=False) as pool:
        wait_until("etcd healthy", lambda: pool.request("GET", f"{url}/health").status == 200, [process])


def api_server_is_ready(api: Api, process: Process) -> None:
    """Wait for /readyz, and for the built-in roles, which the server makes after it says ready."""
    wait_until("API server ready", lambda: api.request("GET", "/readyz").status == 200, [process])
    role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin"
    wait_until("built-in roles made", lambda: api.get(role) is not None, [process])


def controllers_are_ready(api: Api, process: Process) -> None:
    """Wait until the controllers act: without its ServiceAccount a namespace takes no pods."""
    account = "/api/v1/namespaces/default/serviceaccounts/default"
    wait_until("ServiceAccount default made", lambda: api.get(account) is not None, [process])


def scheduler_is_ready(api: Api, port: int, process: Process) -> None:
    """Wait for the scheduler's own /readyz (its certificate is by the same authority)."""
    url = f"https://127.0.0.1:{port}"
    wait_until("scheduler ready", lambda: api.pool.request("GET", f"{url}/readyz").status == 200, [process])


def kubelets_are_ready(api: Api, process: Process) -> None:
    """Wait until kwok has made a node Ready; the node is taken away again."""
    name = "ready-probe"
    add_nodes(api, [cpu_node(name)], processes=[process])
    api.delete(f"/api/v1/nodes/{name}")
