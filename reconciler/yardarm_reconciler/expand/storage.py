"""Volumes, files and scratch space of a pod."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from yardarm_reconciler.expand.labels import metadata, selector
from yardarm_reconciler.expand.names import derived, short_hash
from yardarm_reconciler.model.manifest import Manifest, Object, canonical, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.container import InlineFile
from yardarm_schema.replicated import Replicated
from yardarm_schema.volumes import ClaimVolume, ConfigVolume, NewVolume, ScratchVolume, SecretVolume, Volume
from yardarm_schema.workload import Program

DUPLICATE_PATH = Code(
    "field/duplicate-path",
    title="Two things are mounted at the same path",
    why="A container has one thing at a path; Kubernetes refuses the pod.",
    bad="volumes: {a: {path: /data, …}, b: {path: /data, …}}",
    good="volumes: {a: {path: /data, …}, b: {path: /cache, …}}",
)
SHARED_WRITER = Code(
    "field/one-writer",
    title="Several pods share storage that one node may write to",
    why="All pods but those of one node would wait for the volume for ever.",
    bad="replicas: 3, volumes: {data: {path: /data, size: 10Gi}}",
    good="replicas: 3, volumes: {data: {path: /data, size: 10Gi, access: many}}",
)
PER_REPLICA = Code(
    "field/per-replica",
    title="Storage for each replica where there are no replicas with names",
    why="Only the replicas of a server or consumer have names that last, by which each finds its own storage again.",
    bad="kind: BatchJob, volumes: {data: {path: /data, size: 10Gi, perReplica: true}}",
    good="volumes: {data: {path: /data, scratch: {size: 10Gi}}}",
)
MEMORY_TOO_SMALL = Code(
    "field/memory-too-small",
    title="The memory does not cover what lies in memory",
    why="Shared memory and scratch space in memory count against the container's limit: it would be killed.",
    bad="resources: {memory: 8Gi, shm: 8Gi}",
    good="resources: {memory: 16Gi, shm: 8Gi}",
)

TMP, SHM, FILES = "yardarm-tmp", "yardarm-shm", "yardarm-files"
_NOT_IN_KEYS = re.compile(r"[^-._a-zA-Z0-9]")
_KEY_TAIL = 200
"""Characters of a file's name that stay in its ConfigMap key, which may have 253."""


def check(workload: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with the storage of a workload."""
    seen: dict[str, str] = {}
    for field, path in _paths(workload.spec):
        other = seen.setdefault(path, field)
        if other != field:
            message = f"{path} is taken by {other.removeprefix('spec.')}"
            yield DUPLICATE_PATH.at(workload.origin(field.partition("[")[0]), message, field=field)
    yield from _memory(workload)
    if not isinstance(workload.spec, Replicated) or workload.spec.per_node:
        for name, _ in per_replica(workload.spec):
            field = f"spec.volumes.{name}.perReplica"
            yield PER_REPLICA.at(workload.origin(field), field=field)


def _paths(spec: Program) -> Iterator[tuple[str, str]]:
    for name, volume in sorted(spec.volumes.items()):
        yield f"spec.volumes.{name}", volume.path
    for path in sorted(spec.files):
        yield f"spec.files[{path}]", path
    if spec.resources.shm is not None:
        yield "spec.resources.shm", "/dev/shm"  # noqa: S108 - the container's


def _memory(workload: Resolved[Program]) -> Iterator[Diagnostic]:
    """Memory must exceed the sum of what is backed by it."""
    resources = workload.spec.resources
    parts = [("/dev/shm", resources.shm)] if resources.shm is not None else []  # noqa: S108 - the container's
    for name, volume in sorted(workload.spec.volumes.items()):
        if isinstance(volume, ScratchVolume) and volume.scratch.medium == "memory":
            parts.append((f"volume {name}", volume.scratch.size))
    inside = sum((size.value for _, size in parts), Decimal(0))
    if parts and resources.memory is not None and resources.memory.value <= inside:
        summands = " + ".join(f"{size} {what}" for what, size in parts)
        place = workload.origin("spec.resources.memory")
        fix = f"raise memory above {summands}"
        message = f"memory {resources.memory} does not exceed {summands}"
        yield MEMORY_TOO_SMALL.at(place, message, fix=fix, field="spec.resources.memory")


def own(spec: Program) -> list[tuple[str, NewVolume]]:
    """The workload's own volumes that all its pods share, by name."""
    return [(name, v) for name, v in _new(spec) if not v.per_replica]


def per_replica(spec: Program) -> list[tuple[str, NewVolume]]:
    """The volumes of which each replica has its own, by name."""
    return [(name, v) for name, v in _new(spec) if v.per_replica]


def _new(spec: Program) -> list[tuple[str, NewVolume]]:
    return [(name, v) for name, v in sorted(spec.volumes.items()) if isinstance(v, NewVolume)]


def one_writer(spec: Program) -> str | None:
    """The first of the shared volumes that only one node may write to."""
    return next((name for name, volume in own(spec) if volume.access == "one"), None)


def check_sharing(workload: Resolved[Program], pods: int | None) -> Iterator[Diagnostic]:
    """Refuse more pods than a volume can be mounted by; None are as many as there are nodes."""
    name = one_writer(workload.spec)
    if name is not None and pods not in {0, 1}:
        field = f"spec.volumes.{name}"
        many = "a pod on each node" if pods is None else f"{pods} pods at one time"
        message = f"{many}, but volume {name} has access: one"
        yield SHARED_WRITER.at(
            workload.origin(field), message, fix="access: many, or a single pod", field=field
        )


def read_only_root(workload: Resolved[Program]) -> bool:
    """Read-only unless said otherwise, or the vendor's hook writes device files into the root file system.

    That hook: https://github.com/kserve/kserve/blob/master/config/llmisvcconfig/config-llm-template.yaml
    """
    asked = workload.spec.security.read_only_root
    return workload.accelerator is None if asked is None else asked


def claims(workload: Resolved[Program]) -> Iterator[Manifest]:
    """A claim for each shared volume of the workload's own; its name is stable, for what lies in it must survive."""
    for name, volume in own(workload.spec):
        meta = metadata(workload, derived(workload.name, name))
        body = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": _claim(volume)}
        yield manifest(body, workload.origin(f"spec.volumes.{name}"))


def claim_templates(workload: Resolved[Program]) -> list[Object]:
    """What each replica claims for itself: ``<volume>-<name of the pod>``.

    Immutable, so with labels that never change, and without a hash: under another name a replica would find nothing.
    """
    return [
        {"metadata": {"name": name, "labels": selector(workload)}, "spec": _claim(volume)}
        for name, volume in per_replica(workload.spec)
    ]


def _claim(volume: NewVolume) -> Object:
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce" if volume.access == "one" else "ReadWriteMany"],
        "resources": {"requests": {"storage": str(volume.size)}},
    }
    if volume.storage_class is not None:
        spec["storageClassName"] = volume.storage_class
    return spec


def file_contents(workload: Resolved[Program]) -> dict[str, bytes]:
    """The bytes of each file, by its path in the container."""
    return {
        path: file.content.encode() if isinstance(file, InlineFile) else workload.files[file.path]
        for path, file in sorted(workload.spec.files.items())
    }


def config_map(workload: Resolved[Program]) -> Iterator[Manifest]:
    """The files, under a name with their hash: pods change when they do, and running ones keep theirs."""
    contents = file_contents(workload)
    if not contents:
        return
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(workload, _files_name(workload)),
        "immutable": True,
    }
    for path, data in contents.items():
        try:
            body.setdefault("data", {})[_key(path)] = data.decode()
        except UnicodeDecodeError:
            body.setdefault("binaryData", {})[_key(path)] = base64.b64encode(data).decode()
    yield manifest({key: value for key, value in body.items() if value != {}}, workload.origin("spec.files"))


def _files_name(workload: Resolved[Program]) -> str:
    texts = {_key(path): base64.b64encode(data).decode() for path, data in file_contents(workload).items()}
    return derived(workload.name, short_hash(canonical(texts)))


def _key(path: str) -> str:
    """A key that two paths never share; its tail is for people."""
    tail = _NOT_IN_KEYS.sub("_", path.rpartition("/")[2])[-_KEY_TAIL:]
    return f"{short_hash(path)}-{tail}"


def volumes(workload: Resolved[Program]) -> list[Object]:
    """The pod's volumes, by name."""
    spec = workload.spec
    theirs = {name for name, _ in per_replica(spec)}  # the controller adds these by itself
    found: dict[str, Object] = {
        name: _source(workload, name, v) for name, v in spec.volumes.items() if name not in theirs
    }
    if _has_tmp(workload):
        found[TMP] = {"emptyDir": {}}
    if spec.resources.shm is not None:
        found[SHM] = {"emptyDir": {"medium": "Memory", "sizeLimit": str(spec.resources.shm)}}
    if spec.files:
        found[FILES] = {"configMap": {"name": _files_name(workload)}}
    return [{"name": name, **source} for name, source in sorted(found.items())]


def _source(workload: Resolved[Program], name: str, volume: Volume) -> Object:
    match volume:
        case NewVolume():
            return {"persistentVolumeClaim": {"claimName": derived(workload.name, name)}}
        case ClaimVolume():
            return {"persistentVolumeClaim": {"claimName": volume.claim}}
        case ScratchVolume():
            medium = {"medium": "Memory"} if volume.scratch.medium == "memory" else {}
            return {"emptyDir": {**medium, "sizeLimit": str(volume.scratch.size)}}
        case SecretVolume():
            return {"secret": {"secretName": volume.secret}}
        case ConfigVolume():
            return {"configMap": {"name": volume.config}}


def mounts(workload: Resolved[Program]) -> list[Object]:
    """Where they are mounted in the container ``main``, by path."""
    spec = workload.spec
    found: dict[str, Object] = {v.path: _mount(name, v) for name, v in spec.volumes.items()}
    if _has_tmp(workload):
        found["/tmp"] = {"name": TMP}  # noqa: S108 - the container's
    if spec.resources.shm is not None:
        found["/dev/shm"] = {"name": SHM}  # noqa: S108 - the container's
    for path in spec.files:
        found[path] = {"name": FILES, "subPath": _key(path), "readOnly": True}
    return [{"mountPath": path, **mount} for path, mount in sorted(found.items())]


def _mount(name: str, volume: Volume) -> Object:
    return {
        "name": name,
        **({"readOnly": True} if volume.read_only else {}),
        **({"subPath": volume.sub_path} if volume.sub_path is not None else {}),
    }


def _has_tmp(workload: Resolved[Program]) -> bool:
    """Programs expect to write there, whatever the root file system allows."""
    taken: Mapping[str, Any] = {volume.path: None for volume in workload.spec.volumes.values()}
    return read_only_root(workload) and "/tmp" not in taken  # noqa: S108 - the container's
