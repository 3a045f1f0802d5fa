"""What an API server serves, by its own word: the path of a kind is looked up, never spelled out."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.controlplane.client import Api, Object

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
"""The whole discovery in one answer, and not one request for each group and version."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind in one of its versions, as it is served."""

    plural: str
    namespaced: bool


@dataclass(frozen=True, slots=True)
class Discovery:
    """All kinds of one moment, by apiVersion and kind."""

    resources: Mapping[tuple[str, str], Resource]

    def path(self, body: Object, namespace: str) -> str:
        """Return the path of an object, in a namespace if its kind lies in one.

        Raises:
            LookupError: the server does not serve the kind.
        """
        return f"{self.collection(body['apiVersion'], body['kind'], namespace)}/{body['metadata']['name']}"

    def collection(self, api_version: str, kind: str, namespace: str) -> str:
        """Return the path of all objects of a kind, in a namespace if it lies in one; raises as path()."""
        found = self.resources.get((api_version, kind))
        if found is None:
            raise LookupError(f"the server does not serve {api_version} {kind}")
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        scope = f"/namespaces/{namespace}" if found.namespaced else ""
        return f"{root}{scope}/{found.plural}"

    def serves(self, definition: Object) -> bool:
        """Whether every served version of a custom resource definition is there: it is once it is established."""
        spec = definition["spec"]
        served = [f"{spec['group']}/{each['name']}" for each in spec["versions"] if each["served"]]
        return all((version, spec["names"]["kind"]) in self.resources for version in served)


def discover(api: Api) -> Discovery:
    """Ask the server what it serves."""
    answers = [api.request("GET", root, headers={"Accept": AGGREGATED}) for root in ("/api", "/apis")]
    groups = [group for each in answers for group in each.body["items"]]
    return Discovery(
        {
            (_api_version(group, version), each["responseKind"]["kind"]): Resource(
                each["resource"], each["scope"] == "Namespaced"
            )
            for group in groups
            for version in group["versions"]
            for each in version.get("resources", [])
        }
    )


def _api_version(group: Object, version: Object) -> str:
    name = group["metadata"].get("name")
    return f"{name}/{version['version']}" if name else version["version"]
