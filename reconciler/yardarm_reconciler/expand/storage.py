"""Volumes, files and scratch space of a pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Protocol

from yardarm_reconciler.expand import capabilities, files
from yardarm_reconciler.expand.labels import metadata, selector
from yardarm_reconciler.expand.names import derived
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.replicated import Replicated
from yardarm_schema.units import Quantity
from yardarm_schema.volumes import (
    BucketVolume,
    ClaimVolume,
    ConfigVolume,
    DriverVolume,
    ImageVolume,
    NewVolume,
    ScratchVolume,
    SecretVolume,
    SharedVolume,
    Volume,
)
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

NO_LOCAL_DISK = Code(
    "reference/no-local-disk",
    title="This environment has no disks of its nodes to give",
    why="Environment.localSSD names the StorageClass of local disks; without it nothing would bind the space.",
    bad="scratch: {size: 100Gi, medium: localSSD} where the environment names none",
    good="scratch: {size: 100Gi, medium: disk}",
)

BUCKET_DRIVER = "gcsfuse.csi.storage.gke.io"
TMP, SHM = "yardarm-tmp", "yardarm-shm"


def check(workload: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with the storage of a workload."""
    seen: dict[str, str] = {}
    for field, path in _paths(workload.spec):
        other = seen.setdefault(path, field)
        if other != field:
            message = f"{path} is taken by {other.removeprefix('spec.')}"
            yield DUPLICATE_PATH.at(
                workload.origin(field.partition("[")[0]), message, fix="another path", field=field
            )
    yield from _memory(workload)
    if not isinstance(workload.spec, Replicated) or workload.spec.per_node:
        yield from check_unnamed(workload)
    for name, volume in sorted(workload.spec.volumes.items()):
        field = f"spec.volumes.{name}"
        if isinstance(volume, ImageVolume):
            yield from capabilities.require(workload, f"{field}.image", "imageVolume")
        local = isinstance(volume, ScratchVolume) and volume.scratch.medium == "localSSD"
        if local and workload.environment.local_ssd is None:
            field = f"{field}.scratch.medium"
            message = f"{workload.environment_name} names no StorageClass of local disks"
            fix = f"set localSSD in Environment {workload.environment_name}, or medium: disk"
            yield NO_LOCAL_DISK.at(workload.origin(field), message, fix=fix, field=field)


def check_unnamed(workload: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with the storage of pods whose names do not last."""
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
        scratch = volume.scratch if isinstance(volume, ScratchVolume) else None
        if scratch is not None and scratch.medium == "memory" and scratch.size is not None:
            parts.append((f"volume {name}", scratch.size))
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
        yield manifest(claim(meta, volume), workload.origin(f"spec.volumes.{name}"))


def claim_templates(workload: Resolved[Program]) -> list[Object]:
    """What each replica claims for itself: ``<volume>-<name of the pod>``.

    Immutable, so with labels that never change, and without a hash: under another name a replica would find nothing.
    """
    return [
        {"metadata": {"name": name, "labels": selector(workload)}, "spec": claim_spec(volume)}
        for name, volume in per_replica(workload.spec)
    ]


class Storage(Protocol):
    """What is claimed."""

    @property
    def size(self) -> Quantity: ...  # noqa: D102 - as in the schema
    @property
    def storage_class(self) -> str | None: ...  # noqa: D102 - as in the schema
    @property
    def access(self) -> str: ...  # noqa: D102 - as in the schema


def claim(meta: Object, storage: Storage) -> Object:
    """A claim of new storage."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": meta,
        "spec": claim_spec(storage),
    }


def claim_spec(storage: Storage) -> Object:
    """What is claimed, and how."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce" if storage.access == "one" else "ReadWriteMany"],
        "resources": {"requests": {"storage": str(storage.size)}},
    }
    if storage.storage_class is not None:
        spec["storageClassName"] = storage.storage_class
    return spec


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
    found |= files.volume(workload)
    return [{"name": name, **source} for name, source in sorted(found.items())]


def _source(workload: Resolved[Program], name: str, volume: Volume) -> Object:
    match volume:
        case NewVolume():
            return {"persistentVolumeClaim": {"claimName": derived(workload.name, name)}}
        case ClaimVolume():
            return {"persistentVolumeClaim": {"claimName": volume.claim}}
        case ScratchVolume() if volume.scratch.medium == "localSSD":
            return _local_disk(workload, volume)
        case ScratchVolume():
            scratch = volume.scratch
            medium = {"medium": "Memory"} if scratch.medium == "memory" else {}
            limit = {"sizeLimit": str(scratch.size)} if scratch.size is not None else {}
            return {"emptyDir": {**medium, **limit}}
        case SecretVolume():
            return {"secret": {"secretName": volume.secret}}
        case ConfigVolume():
            return {"configMap": {"name": volume.config}}
        case SharedVolume():
            return {"persistentVolumeClaim": {"claimName": volume.volume}}
        case ImageVolume():
            return {"image": {"reference": str(volume.image)}}
        case BucketVolume() | DriverVolume():
            return {"csi": _driven(volume)}


def _local_disk(workload: Resolved[Program], volume: ScratchVolume) -> Object:
    """A claim that lives as long as the pod, of the nodes' own disks."""
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": str(volume.scratch.size)}},
        "storageClassName": workload.environment.local_ssd,
    }
    return {"ephemeral": {"volumeClaimTemplate": {"spec": spec}}}


def _driven(volume: BucketVolume | DriverVolume) -> Object:
    """A volume of a driver of the node's; of a bucket, Google's.

    https://cloud.google.com/kubernetes-engine/docs/how-to/cloud-storage-fuse-csi-driver-ephemeral
    """
    if isinstance(volume, DriverVolume):
        told = {"volumeAttributes": dict(volume.attributes)} if volume.attributes else {}
        return {"driver": volume.driver, **told}
    bucket, _, folder = volume.bucket.removeprefix("gs://").partition("/")
    options = ["implicit-dirs", *([f"only-dir={folder}"] if folder else [])]
    attributes = {"bucketName": bucket, "mountOptions": ",".join(options)}
    read_only = {"readOnly": True} if volume.read_only else {}
    return {"driver": BUCKET_DRIVER, **read_only, "volumeAttributes": attributes}


def pod_annotations(spec: Program) -> Mapping[str, str]:
    """What a pod says of its volumes: the driver of buckets adds a container to those that ask for it."""
    buckets = any(isinstance(volume, BucketVolume) for volume in spec.volumes.values())
    return {"gke-gcsfuse/volumes": "true"} if buckets else {}


def mounts(workload: Resolved[Program]) -> list[Object]:
    """Where they are mounted in the container ``main``, by path."""
    spec = workload.spec
    found: dict[str, Object] = {v.path: _mount(name, v) for name, v in spec.volumes.items()}
    if _has_tmp(workload):
        found["/tmp"] = {"name": TMP}  # noqa: S108 - the container's
    if spec.resources.shm is not None:
        found["/dev/shm"] = {"name": SHM}  # noqa: S108 - the container's
    found |= files.mounts(workload)
    return [{"mountPath": path, **mount} for path, mount in sorted(found.items())]


def _mount(name: str, volume: Volume) -> Object:
    return {
        "name": name,
        **({"readOnly": True} if volume.read_only or isinstance(volume, ImageVolume) else {}),
        **({"subPath": volume.sub_path} if volume.sub_path is not None else {}),
    }


def _has_tmp(workload: Resolved[Program]) -> bool:
    """Programs expect to write there, whatever the root file system allows."""
    taken: Mapping[str, Any] = {volume.path: None for volume in workload.spec.volumes.values()}
    return read_only_root(workload) and "/tmp" not in taken  # noqa: S108 - the container's
