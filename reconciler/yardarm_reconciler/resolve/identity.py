"""The id of a run: a hash of what the team asked to compute, and of nothing else.

An id that changes starts a run again, which may cost days of accelerators. So what goes in is listed here, in a form
that no release may change: not rendered bytes, not what the platform says, not how much memory it gets, and no
default. Where a field is added to the specs later, it goes in only where it is set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yardarm_reconciler.model.manifest import canonical, digest
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.accelerators import Accelerator, AcceleratorBySize, AcceleratorRequest
from yardarm_schema.container import EnvVar, File, InlineFile
from yardarm_schema.shards import Shards
from yardarm_schema.training import Training
from yardarm_schema.training_job import TrainingRole
from yardarm_schema.workload import Program

FORMAT = "r1-"
"""Names this very computation; another one would need another prefix, and would start every run again."""

HEX_DIGITS = 32
"""Of 64: the id is also a label's value, which has at most 63 characters."""

NO_TOKEN = frozenset({"onChange", "never"})
"""Values of ``rerun`` that say when to run, not that it shall be run anew."""

OF_ALL_ROLES = ("framework", "slices", "rerun")
"""Fields of a spec that hold for all its roles together: everything else each role has for itself."""


def run_id(job: Program, authored: Node, files: Mapping[str, bytes]) -> str:
    """Hash what a job computes.

    Args:
        job: the merged spec, with short forms made long.
        authored: spec and overrides as the team wrote them, without anybody's defaults: tells what is set.
        files: bytes by repository path.
    """
    written = authored.value if isinstance(authored.value, dict) else {}
    asked = {name: value for name, value in _computed(job, files).items() if name in written}
    if "env" in asked:
        own = written["env"].node.value
        asked["env"] = {
            name: value for name, value in asked["env"].items() if isinstance(own, dict) and name in own
        }
    return FORMAT + digest(canonical({name: value for name, value in asked.items() if value}))[:HEX_DIGITS]


def with_parts(own: str, field: str, parts: Mapping[str, Resolved[Any]]) -> str:
    """The id of a run of several parts, each of which has one of its own; of one without parts its own."""
    return _joined(own, {field: {name: part.run_id for name, part in parts.items()}}) if parts else own


def of_step(own: str, name: str, needs: Sequence[str]) -> str:
    """The id of a step: by its name, for two steps that are alike are two runs, and by the ids of all that it reads."""
    return _joined(own, {"step": name, "needs": sorted(needs)})


def _joined(own: str, others: Mapping[str, object]) -> str:
    return FORMAT + digest(canonical({"own": own, **others}))[:HEX_DIGITS]


def _computed(job: Program, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Every field that says what is computed, by its name in specs. Only ever add to this list."""
    shards: Shards | None = getattr(job, "shards", None)
    rerun: str | None = getattr(job, "rerun", None)
    return {
        "image": str(job.image),
        "command": list(job.command or ()),
        "args": list(job.args or ()),
        "run": job.run,
        "env": {name: _variable(value) for name, value in job.env.items()},
        "files": {path: digest(_bytes(file, files)) for path, file in job.files.items()},
        "accelerator": _devices(job.accelerator),
        # How many shards there are is part of the result; how many run at one time is not.
        "shards": shards.count if shards else None,
        "rerun": None if rerun in NO_TOKEN else rerun,
        **(_training(job) if isinstance(job, Training | TrainingRole) else {}),
    }


def _training(job: Training | TrainingRole) -> dict[str, Any]:
    """What training adds. A number or word that means nothing more than its absence is left out."""
    asked: dict[str, Any] = {
        "nodes": job.nodes if job.nodes > 1 else None,
        "procsPerNode": job.procs_per_node,
        "model": job.model.uri if job.model is not None else None,
        "data": {name: [each.uri, each.path] for name, each in job.data.items()},
    }
    if isinstance(job, TrainingRole):
        return {**asked, "leader": job.leader}
    return {
        **asked,
        "framework": None if job.framework == "none" else job.framework,
        "slices": job.slices if job.slices > 1 else None,
    }


def _devices(asked: Accelerator | None) -> object:
    """What is asked for, in one form for all that mean the same: which class serves it is the platform's business."""
    match asked:
        case None:
            return None
        case AcceleratorRequest():
            wired = {"topology": asked.topology} if asked.topology else {}
            return {"class": asked.class_name, "count": asked.count, **wired}
        case AcceleratorBySize():
            return {"minMemory": str(asked.min_memory), "count": asked.count}
        case (AcceleratorRequest() as single,):
            return _devices(single)
        case _:
            return [_devices(each) for each in asked]


def _variable(value: EnvVar) -> object:
    return value if isinstance(value, str) else value.model_dump(mode="json", by_alias=True)


def _bytes(file: File, files: Mapping[str, bytes]) -> bytes:
    return file.content.encode() if isinstance(file, InlineFile) else files[file.path]
