"""The Cluster port over a Kubernetes API server: server-side apply, and never without an identity precondition.

The preconditions (create = apply with ``resourceVersion: "1"``, update = apply with ``uid``) and the answers
to them are pinned by the contract tests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus

from yardarm_reconciler.kube import answers
from yardarm_reconciler.kube.discovery import Discovery, Resource, discover
from yardarm_reconciler.kube.fields import see
from yardarm_reconciler.kube.listing import read
from yardarm_reconciler.kube.managed import HANDOVER, MANAGER, RELABELLER, renewed, taken_over
from yardarm_reconciler.kube.replicas import alone, held, kept, left_to_others
from yardarm_reconciler.kube.retries import Jitter
from yardarm_reconciler.kube.transport import APPLY, JSON_PATCH, Answer, Request, Transport
from yardarm_reconciler.kube.watching import Watches
from yardarm_reconciler.model.manifest import GroupKind, Key, Manifest, Object, manifest
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.model.workload import RUN_KINDS
from yardarm_reconciler.ports import (
    Exists,
    Gone,
    Listed,
    OtherIncarnation,
    Refused,
    Seen,
    Selection,
    Written,
)

# An object's first resourceVersion is never 1, so naming it means: only where there is nothing yet.
_ABSENT = {"resourceVersion": "1"}
# Below our own read timeout: the server gives up, and says so, before we do.
_TIMEOUT = {"timeout": "10s"}
_WRITE = {"fieldManager": MANAGER, "fieldValidation": "Strict"} | _TIMEOUT
_TAKES = 3


class KubernetesCluster:
    """An environment's cluster that is an API server. Methods may be called from many threads."""

    reports_health = True

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._discovery: Discovery | None = None
        self._lock = threading.Lock()

    def identity(self) -> str:
        """The uid of namespace ``kube-system``, which lives as long as the cluster."""
        answer = self._transport.ask(Request("GET", "/api/v1/namespaces/kube-system"))
        if not answer.accepted:
            raise TransientError(f"cannot read namespace kube-system (answer {answer.status})")
        return str(answer.body["metadata"]["uid"])

    def served(self, kinds: Iterable[GroupKind]) -> frozenset[GroupKind]:
        """Those of ``kinds`` that are served; asks anew every time, and what it hears is used from then on.

        Raises:
            TransientError: discovery fails, or is incomplete for one of them.
        """
        discovery = discover(self._transport)
        with self._lock:
            self._discovery = discovery
        return discovery.served(kinds)

    def signature(self) -> str:
        """The server's version, with a digest of what it said last that it serves.

        Raises:
            TransientError: it does not answer.
        """
        answer = self._transport.ask(Request("GET", "/version"))
        if not answer.accepted:
            raise TransientError(f"cannot read the API server's version (answer {answer.status})")
        with self._lock:
            discovery = self._discovery or Discovery({}, frozenset())
        return f"{answer.body.get('gitVersion', '')} {discovery.digest()}"

    def list(self, selection: Selection) -> Listed:
        """Every live object of a selection, read page by page.

        Raises:
            TransientError: the list could not be completed, or the kind is not served.
        """
        resource = self.resource(selection.kind)
        if resource is None:
            raise TransientError(f"cannot list {selection.kind}: the cluster does not serve it")
        return read(self._transport, resource, selection)

    def watches(self, wake: Callable[[], None], jitter: Jitter) -> Watches:
        """Watches over this cluster; ``wake`` is called, in their threads, whenever something has happened."""
        return Watches(self._transport, self.resource, wake, jitter)

    def get(self, key: Key) -> Seen | None:
        """One object; None only where the server says that this object does not exist.

        Raises:
            TransientError: it could not be read, or its kind is not served.
        """
        resource = self.resource(key.group_kind)
        if resource is None:
            raise TransientError(f"cannot read {key}: the cluster does not serve its kind")
        answer = self._transport.ask(Request("GET", resource.path(key.namespace, key.name)))
        if answer.accepted:
            return see(answer.body, key.group_kind, resource.api_version())
        if answer.status == HTTPStatus.NOT_FOUND and answers.is_about(answer, resource, key.name):
            return None
        raise TransientError(f"cannot read {key} (answer {answer.status})")

    def create(self, manifest: Manifest, *, dry_run: bool = False) -> Written | Exists | Refused:
        """Create by server-side apply; Exists too where an earlier attempt of ours was carried out unheard."""
        resource = self._resource_of(manifest)
        if resource is None:
            return answers.kind_missing(manifest.key)
        answer = self._apply(manifest, resource, _ABSENT, dry_run=dry_run)
        if answer.accepted:
            return _written(answer, manifest)
        if answer.status == HTTPStatus.CONFLICT and answers.is_about(answer, resource, manifest.key.name):
            return Exists()
        return answers.refusal(answer, manifest.key)

    def update(
        self, manifest: Manifest, uid: str, *, dry_run: bool = False
    ) -> Written | Gone | OtherIncarnation | Refused:
        """Apply to the object with this uid; takes over fields that others hold. A foreign uid adopts."""
        resource = self._resource_of(manifest)
        if resource is None:
            return answers.kind_missing(manifest.key)
        replicas = self._replicas_to_hand_over(manifest, resource)
        if replicas is not None and not dry_run:
            body = alone(manifest, uid, replicas)
            answer = self._send(manifest, resource, body, {"fieldManager": HANDOVER})
            if not answer.accepted:
                return self._not_updated(answer, manifest, resource)
        answer = self._apply(manifest, resource, {"uid": uid}, dry_run=dry_run)
        if not answer.accepted:
            return self._not_updated(answer, manifest, resource)
        body = answer.body if replicas is None else kept(answer.body, replicas)
        return Written(see(body, manifest.key.group_kind, manifest.api_version))

    def _replicas_to_hand_over(self, manifest: Manifest, resource: Resource) -> int | None:
        """The live number of replicas, where we hold it and leave it to others from now on."""
        if not left_to_others(manifest):
            return None
        answer = self._transport.ask(Request("GET", _path(manifest, resource, manifest.key.name)))
        return held(answer.body) if answer.accepted else None

    def _not_updated(
        self, answer: Answer, manifest: Manifest, resource: Resource
    ) -> Gone | OtherIncarnation | Refused:
        if answer.status == HTTPStatus.CONFLICT and answers.is_about(answer, resource, manifest.key.name):
            return Gone()
        if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            if any(cause.get("field") == "metadata.uid" for cause in answers.causes(answer)):
                return OtherIncarnation()
            return self._invalid(answer, manifest, resource)
        return answers.refusal(answer, manifest.key)

    def take_over(self, key: Key, uid: str) -> Written | Gone | OtherIncarnation | Refused:
        """Move what people own of our object into our entry of its managed fields; no field changes by that.

        Whoever writes at the same moment goes first: it is read again then.
        """
        resource = self.resource(key.group_kind)
        if resource is None:
            return answers.kind_missing(key)
        path = resource.path(key.namespace, key.name)
        for _ in range(_TAKES):
            found = self._transport.ask(Request("GET", path))
            if found.status == HTTPStatus.NOT_FOUND and answers.is_about(found, resource, key.name):
                return Gone()
            if not found.accepted:
                return answers.refusal(found, key)
            metadata = found.body["metadata"]
            if metadata["uid"] != uid:
                return OtherIncarnation()
            # Replacing the version makes it a precondition that is answered by 409.
            served = {resource.api_version(version) for version in resource.versions}
            managed = renewed(metadata.get("managedFields") or (), served, resource.api_version())
            patch = [
                _replace("managedFields", taken_over(managed)),
                _replace("resourceVersion", metadata["resourceVersion"]),
            ]
            query = {"fieldManager": MANAGER} | _TIMEOUT
            answer = self._transport.ask(Request("PATCH", path, query, patch, JSON_PATCH))
            if answer.accepted:
                return Written(see(answer.body, key.group_kind, resource.api_version()))
            if answer.status != HTTPStatus.CONFLICT:
                return answers.refusal(answer, key)
        return answers.refusal(answer, key)

    def relabel(
        self, key: Key, uid: str, label: str, value: str
    ) -> Written | Gone | OtherIncarnation | Refused:
        """Apply one label by a second manager: that takes neither the whole object nor its present version."""
        resource = self.resource(key.group_kind)
        if resource is None:
            return answers.kind_missing(key)
        name = {"name": key.name, "namespace": key.namespace} if key.namespace else {"name": key.name}
        head = {"apiVersion": resource.api_version(), "kind": key.kind}
        alone = manifest({**head, "metadata": {**name, "labels": {label: value}}})
        body = _with_metadata(alone.body, {"uid": uid})
        answer = self._send(alone, resource, body, {"fieldManager": RELABELLER})
        if not answer.accepted:
            return self._not_updated(answer, alone, resource)
        return _written(answer, alone)

    def delete(self, key: Key, uid: str) -> Written | Gone | OtherIncarnation | Refused:
        """Ask for deletion, never orphaning what the object owns.

        A Job stays until its pods are gone, so that whoever waits for its absence knows its devices free.
        """
        resource = self.resource(key.group_kind)
        if resource is None:
            return answers.kind_missing(key)
        # A run holds its devices until its pods are gone: only then is its object.
        policy = "Foreground" if key.group_kind in RUN_KINDS else "Background"
        options = {"preconditions": {"uid": uid}, "propagationPolicy": policy}
        answer = self._transport.ask(
            Request("DELETE", resource.path(key.namespace, key.name), _TIMEOUT, options)
        )
        if answer.accepted:
            # Some kinds answer with the object even where it is gone at once: then nothing says that it is going.
            if "deletionTimestamp" in answer.body.get("metadata", {}):
                seen = see(answer.body, key.group_kind, resource.api_version())
                return Written(replace(seen, deleting=True))
            return Written(Seen(key, uid, "", ours=True, projection="", deleting=True, body=b""))
        if answer.status == HTTPStatus.NOT_FOUND and answers.is_about(answer, resource, key.name):
            return Gone()
        if answer.status == HTTPStatus.CONFLICT and answers.is_about(answer, resource, key.name):
            return OtherIncarnation()
        return answers.refusal(answer, key)

    def _apply(
        self, manifest: Manifest, resource: Resource, precondition: Mapping[str, str], *, dry_run: bool
    ) -> Answer:
        body = _with_metadata(manifest.body, precondition)
        return self._send(manifest, resource, body, {"dryRun": "All"} if dry_run else {})

    def _send(self, manifest: Manifest, resource: Resource, body: Object, options: dict[str, str]) -> Answer:
        path = _path(manifest, resource, manifest.key.name)
        return self._transport.ask(Request("PATCH", path, _WRITE | {"force": "true"} | options, body, APPLY))

    def _invalid(self, answer: Answer, manifest: Manifest, resource: Resource) -> Refused:
        """Tell a bad manifest from a change that is not allowed: could it be made anew?"""
        # To create the same object fails on its name only where nothing else is wrong with it.
        path = _path(manifest, resource)
        tried = self._transport.ask(Request("POST", path, _WRITE | {"dryRun": "All"}, manifest.body))
        anew = tried.status == HTTPStatus.CONFLICT and tried.body.get("reason") == "AlreadyExists"
        return answers.invalid(answer, manifest.key, "Immutable" if anew else "Invalid")

    def resource(self, kind: GroupKind) -> Resource | None:
        """How a kind is addressed, by what discovery last said; None where it is not served."""
        with self._lock:
            if self._discovery is None:
                self._discovery = discover(self._transport)
            discovery = self._discovery
        return discovery.resources.get(kind) if discovery.served({kind}) else None

    def _resource_of(self, manifest: Manifest) -> Resource | None:
        resource = self.resource(manifest.key.group_kind)
        return resource if resource and _version(manifest) in resource.versions else None


def _replace(name: str, value: object) -> Object:
    return {"op": "replace", "path": f"/metadata/{name}", "value": value}


def _version(manifest: Manifest) -> str:
    return manifest.api_version.rpartition("/")[2]


def _path(manifest: Manifest, resource: Resource, name: str = "") -> str:
    return resource.path(manifest.key.namespace, name, _version(manifest))


def _with_metadata(body: Object, more: Mapping[str, str]) -> Object:
    return {**body, "metadata": {**body["metadata"], **more}}


def _written(answer: Answer, manifest: Manifest) -> Written:
    return Written(see(answer.body, manifest.key.group_kind, manifest.api_version))
