"""Turns an empty environment into a platform: machines of every vendor, and the classes that pods name."""

from concurrent.futures import ThreadPoolExecutor

from tests.controlplane.client import Api, Object, RefusedError
from tests.controlplane.configuration import platform
from tests.controlplane.discovery import discover
from tests.controlplane.machines import resource_slices, vendor_nodes
from tests.controlplane.nodes import add_nodes


def equip(api: Api) -> None:
    """Add all machines and classes, and wait until the machines take pods.

    Raises:
        RefusedError: the API server refused one of them.
        NotReadyError: a node was not Ready within 60 seconds.
    """
    apply_all(api, [*platform(), *resource_slices()])
    add_nodes(api, vendor_nodes())


def apply_all(api: Api, objects: list[Object]) -> None:
    """Apply complete objects, each in its own namespace if it has one.

    Raises:
        RefusedError: the API server refused one of them.
        LookupError: the server does not serve its kind.
    """
    served = discover(api)

    def apply(body: Object) -> None:
        path = served.path(body, body["metadata"].get("namespace", ""))
        answer = api.apply(path, body, force=True)
        if answer.status >= 400:
            raise RefusedError(f"apply {path}", answer)

    with ThreadPoolExecutor() as pool:
        list(pool.map(apply, objects))
