"""A Kubernetes object as we would apply it: its key, its canonical bytes, its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from yardarm_reconciler.model.origin import NOWHERE, Place

Object: TypeAlias = Mapping[str, Any]
"""A Kubernetes object or part of one as plain JSON; never changed once made."""


@dataclass(frozen=True, slots=True, order=True)
class GroupKind:
    """An API group and a kind in it, as in ``Deployment.apps``; the core group is empty."""

    group: str
    kind: str

    def __str__(self) -> str:
        """Give ``Kind.group``, or ``Kind`` in the core group."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


DEFINITION = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")
"""The kind that defines kinds: the only one besides Namespace that lies in no namespace and may be ours."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What names an object in one cluster; ``namespace`` is empty for cluster-scoped kinds."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def group_kind(self) -> GroupKind:
        """The key without namespace and name."""
        return GroupKind(self.group, self.kind)

    def __str__(self) -> str:
        """Give ``Kind.group/namespace/name``: the form of the inventory."""
        return f"{self.group_kind}/{self.namespace}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read what ``str`` gives.

        Raises:
            ValueError: not of that form.
        """
        kind, namespace, name = text.split("/")
        kind, _, group = kind.partition(".")
        return cls(group, kind, namespace, name)


def canonical(value: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8. Equal values give equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> str:
    """Hex sha256; twelve characters of it are shown to people and accepted from them."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object as we would apply it, with the line of the spec that asked for it."""

    key: Key
    body: Object
    origin: Place
    digest: str

    @property
    def api_version(self) -> str:
        """``apps/v1``, ``v1``."""
        return str(self.body["apiVersion"])


def manifest(body: Object, origin: Place = NOWHERE) -> Manifest:
    """Make a manifest of a complete object (apiVersion, kind, metadata.name, namespace where it has one)."""
    group, slash, _ = str(body["apiVersion"]).partition("/")
    metadata = body["metadata"]
    key = Key(group if slash else "", body["kind"], metadata.get("namespace", ""), metadata["name"])
    return Manifest(key, body, origin, digest(canonical(body)))


def labelled(manifest_: Manifest, label: str, value: str) -> Manifest:
    """The same manifest with one more label on the object itself (not on the pods that it makes)."""
    metadata = manifest_.body["metadata"]
    labels = {**metadata.get("labels", {}), label: value}
    return manifest({**manifest_.body, "metadata": {**metadata, "labels": labels}}, manifest_.origin)


def pack(manifests: Iterable[Manifest]) -> bytes:
    """Manifests as canonical JSON bytes, with the lines that asked for them."""
    return canonical(
        [[each.body, each.origin.path, each.origin.line, each.origin.column] for each in manifests]
    )


def unpack(data: bytes) -> tuple[Manifest, ...]:
    """What :func:`pack` was given."""
    return tuple(manifest(body, Place(*origin)) for body, *origin in orjson.loads(data or b"[]"))
