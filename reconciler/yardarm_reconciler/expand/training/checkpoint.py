"""Where a run saves its state: on storage that outlives it, under a name that no change of the spec changes."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.training import Training
from yardarm_schema.volumes import ConfigVolume, ScratchVolume, SecretVolume

NO_VOLUME = Code(
    "field/no-checkpoint-volume",
    title="The checkpoint lies on no volume",
    why="What is written anywhere else is gone when a pod ends, and the next attempt begins anew.",
    bad="checkpoint: {volume: chekpoints}, volumes: {checkpoints: {…}}",
    good="checkpoint: {volume: checkpoints}, volumes: {checkpoints: {…}}",
)
LOST = Code(
    "field/checkpoint-lost",
    title="The checkpoint would not outlive the pod, or cannot be written",
    why="A run that is interrupted goes on from its checkpoint, in another pod.",
    bad="checkpoint: {volume: tmp}, volumes: {tmp: {path: /tmp/x, scratch: {size: 10Gi}}}",
    good="checkpoint: {volume: state}, volumes: {state: {path: /state, size: 10Gi}}",
)


def directory(job: Resolved[Training]) -> str | None:
    """Where the program shall save its state, None where the spec says nothing of it."""
    asked = job.spec.checkpoint
    if asked is None:
        return None
    return asked.path or job.spec.volumes[asked.volume].path


def check(job: Resolved[Training]) -> Iterator[Diagnostic]:
    """Refuse a checkpoint that is lost with its pod."""
    asked = job.spec.checkpoint
    if asked is None:
        return
    field = "spec.checkpoint.volume"
    volume = job.spec.volumes.get(asked.volume)
    if volume is None:
        fix = did_you_mean(asked.volume, sorted(job.spec.volumes))
        yield NO_VOLUME.at(job.origin(field), f"there is no volume {asked.volume!r}", fix=fix, field=field)
    elif isinstance(volume, ScratchVolume | SecretVolume | ConfigVolume) or volume.read_only:
        what = "is read-only" if volume.read_only else "does not outlive its pod, or cannot be written"
        yield LOST.at(job.origin(field), f"volume {asked.volume} {what}", field=field)
    elif asked.path is not None and not f"{asked.path}/".startswith(f"{volume.path}/"):
        field = "spec.checkpoint.path"
        message = f"{asked.path} is not on volume {asked.volume}, which is mounted at {volume.path}"
        yield NO_VOLUME.at(job.origin(field), message, field=field)
