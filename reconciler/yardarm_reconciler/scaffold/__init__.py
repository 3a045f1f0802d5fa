"""What people begin with: a spec of each kind with comments, and a config repository that works at once.

The texts are files beside this module, with names between ``@`` to be filled in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from yardarm_schema.json_schema import schema_of_any_kind
from yardarm_schema.kinds import WORKLOADS

REGISTRY = "registry.example.com"
"""Where images are said to be, unless an environment allows other registries only."""

NO_DIGEST = f"@sha256:{'0' * 64}"
"""Stands for the digest of an image that nobody has built yet, where an environment demands one."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the texts of specs leave open.

    Attributes:
        name: of the spec.
        team: that it belongs to; for workloads.
        environment: that it runs in; for workloads.
        accelerator: a class that the environment has; empty for a workload without devices.
        registry: where its images are.
        digest: what follows the tag of an image, empty for nothing.
    """

    name: str
    team: str = ""
    environment: str = ""
    accelerator: str = ""
    registry: str = REGISTRY
    digest: str = ""


EXAMPLES: Mapping[str, str] = {
    "Volume": "data-sets",
    "ModelService": "chat",
    "Service": "assistant",
    "StreamProcessor": "embedder",
    "BatchJob": "embed-corpus",
    "ScheduledJob": "nightly-evaluation",
    "TrainingJob": "fine-tune",
    "Pipeline": "refresh",
    "RawResources": "settings",
}
"""One workload of each kind, by what it is called in a new repository."""

TEAM, ENVIRONMENT, CLASS = "ml", "dev", "l4-24gb"
"""What the platform specs of a new repository are called."""

_FILES: Mapping[str, str] = {
    "yardarm.yaml": "yardarm.yaml",
    "README.md": "README.md",
    "platform/accelerators.yaml": "accelerators.yaml",
    "platform/teams.yaml": "teams.yaml",
    "platform/dev.yaml": "dev.yaml",
    "platform/production.yaml": "production.yaml",
    ".github/workflows/yardarm.yaml": "workflow.yaml",
    ".github/CODEOWNERS": "CODEOWNERS",
    ".editorconfig": "editorconfig",
    ".vscode/settings.json": "settings.json",
    ".vscode/extensions.json": "extensions.json",
}
"""Files of a new repository by path, and what they are called here, where no name may begin with a dot."""

_BLANK = re.compile(r"@([a-z]+)@")


def spec(kind: str, names: Names) -> str:
    """A spec of a kind, with comments that say what its fields are for."""
    devices = "resources: {cpu: 4, memory: 16Gi} # memory is request and limit"
    if names.accelerator:
        devices = f"accelerator: {names.accelerator} # class:count, such as {names.accelerator}:2"
    values = {field: getattr(names, field) for field in Names.__slots__} | {"devices": devices}
    return _filled(f"specs/{kind}.yaml", values)


def repository(version: str) -> Mapping[str, bytes]:
    """Every file of a config repository that works at once, for a range of versions of the program."""
    texts = {path: _filled(f"repository/{name}", {"version": version}) for path, name in _FILES.items()}
    for kind in WORKLOADS:
        name = EXAMPLES[kind]
        texts[f"workloads/{TEAM}/{name}.yaml"] = spec(kind, Names(name, TEAM, ENVIRONMENT, CLASS))
    return {path: text.encode() for path, text in texts.items()} | {
        ".vscode/yardarm.schema.json": schema_of_any_kind()
    }


def is_spec(path: str) -> bool:
    """Whether a file of a new repository is read by the program; the others are for people and their tools."""
    return path == "yardarm.yaml" or path.startswith(("platform/", "workloads/"))


def _filled(path: str, values: Mapping[str, str]) -> str:
    text = resources.files(__name__).joinpath(path).read_text("utf-8")
    return _BLANK.sub(lambda blank: values[blank[1]], text)
