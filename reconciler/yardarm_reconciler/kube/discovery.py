"""Which kinds an API server serves, under which paths: the whole of it in two requests.

https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery (stable since 1.30)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from yardarm_reconciler.kube.transport import Request, Transport
from yardarm_reconciler.model.manifest import GroupKind, canonical, digest
from yardarm_reconciler.model.origin import TransientError

_ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@dataclass(frozen=True, slots=True)
class Resource:
    """How a kind is addressed: ``versions`` are all that serve it, the preferred one first."""

    kind: GroupKind
    versions: tuple[str, ...]
    plural: str
    namespaced: bool

    def api_version(self, version: str | None = None) -> str:
        """``apps/v1``: the preferred one, what we read in, or another."""
        named = version or self.versions[0]
        return f"{self.kind.group}/{named}" if self.kind.group else named

    def path(self, namespace: str = "", name: str = "", version: str | None = None) -> str:
        """URL path of an object, or of the collection where ``name`` is empty."""
        root = f"/apis/{self.kind.group}" if self.kind.group else "/api"
        scope = f"/namespaces/{quote(namespace, safe='')}" if namespace and self.namespaced else ""
        tail = f"/{quote(name, safe='')}" if name else ""
        return f"{root}/{version or self.versions[0]}{scope}/{self.plural}{tail}"


@dataclass(frozen=True, slots=True)
class Discovery:
    """A complete discovery, but for the groups in ``unknown``, whose servers did not answer."""

    resources: Mapping[GroupKind, Resource]
    unknown: frozenset[str]

    def digest(self) -> str:
        """A digest of every kind with its versions."""
        return digest(canonical(sorted(f"{each.kind} {each.versions}" for each in self.resources.values())))

    def served(self, kinds: Iterable[GroupKind]) -> frozenset[GroupKind]:
        """Those of ``kinds`` that are served.

        Raises:
            TransientError: one of them is in a group that is unknown now: absence cannot be told from silence.
        """
        asked = frozenset(kinds)
        silent = sorted({kind.group for kind in asked} & self.unknown)
        if silent:
            raise TransientError(
                f"discovery is incomplete: the server of {', '.join(silent)} does not answer"
            )
        return asked & self.resources.keys()


def discover(transport: Transport) -> Discovery:
    """Ask an API server what it serves.

    Raises:
        TransientError: it did not say.
    """
    groups = [group for path in ("/api", "/apis") for group in _groups(transport, path)]
    resources: dict[GroupKind, Resource] = {}
    for resource in (found for group in groups for found in _resources(group)):
        known = resources.get(resource.kind)
        versions = (*known.versions, *resource.versions) if known else resource.versions
        resources[resource.kind] = Resource(
            resource.kind, versions, (known or resource).plural, (known or resource).namespaced
        )
    return Discovery(resources, frozenset(_name(group) for group in groups if _is_stale(group)))


def _groups(transport: Transport, path: str) -> list[dict[str, Any]]:
    answer = transport.ask(Request("GET", path, accept=_ACCEPT))
    if answer.status != HTTPStatus.OK or answer.body.get("kind") != "APIGroupDiscoveryList":
        raise TransientError(
            f"GET {path}: no aggregated discovery (answer {answer.status}); Kubernetes 1.30 has it"
        )
    return list(answer.body.get("items") or ())


def _resources(group: Mapping[str, Any]) -> Iterator[Resource]:
    """Every kind of every version of a group; versions come in the server's order of preference."""
    for version in group.get("versions") or ():
        for found in version.get("resources") or ():
            # A resource may answer in another group's kind (``scale``), but those are subresources.
            kind = found.get("responseKind", {}).get("kind")
            if kind and "get" in found.get("verbs", ()):
                namespaced = found.get("scope") == "Namespaced"
                yield Resource(
                    GroupKind(_name(group), kind), (version["version"],), found["resource"], namespaced
                )


def _name(group: Mapping[str, Any]) -> str:
    return str(group.get("metadata", {}).get("name", ""))


def _is_stale(group: Mapping[str, Any]) -> bool:
    versions = group.get("versions") or ()
    return any(version.get("freshness") == "Stale" for version in versions)
