"""A repository of one spec, for the sake of its proof: an environment that admits whatever an environment may admit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

import orjson

from yardarm_reconciler.importing import writing
from yardarm_reconciler.importing.devices import Devices
from yardarm_reconciler.load import load
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.pipeline import desired_in, specs_in
from yardarm_reconciler.ports import File
from yardarm_schema.capabilities import Capability
from yardarm_schema.metadata import API_VERSION
from yardarm_schema.model_source import FetchedScheme
from yardarm_schema.security import SecurityException

PATH = "workloads/imported.yaml"
"""Where the spec lies in such a repository."""

_FETCHER = {"image": "registry.example.com/fetch:1", "run": "fetch", "resources": {"memory": "1Gi"}}
_FETCHING = {
    "keeps": "none",
    "size": "100Gi",
    "fetchers": dict.fromkeys(get_args(FetchedScheme), _FETCHER),
}
"""A class that fetches models into each pod, as KServe does; with what, an environment says."""

CAPABILITIES: list[Capability] = ["gatewayAPI", "imageVolume", "jobset"]
"""What specs that were imported may need. With more, objects would be rendered that nobody had."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendering:
    """What one spec comes to in one environment; nothing where it has an error."""

    manifests: tuple[Manifest, ...]
    errors: tuple[Diagnostic, ...]


Render: TypeAlias = Callable[[Json], Rendering]
"""Renders a spec, given as the document that it is."""


@dataclass(frozen=True, slots=True)
class _Tree:
    """Files in memory."""

    contents: Mapping[str, bytes]
    revision: str = "imported"

    def files(self) -> Sequence[File]:
        """Every file, sorted by path."""
        return [
            File(path, hashlib.sha256(data).hexdigest(), len(data), "100644")
            for path, data in sorted(self.contents.items())
        ]

    def read(self, files: Iterable[File]) -> Mapping[str, bytes]:
        """Bytes by file id."""
        return {file.id: self.contents[file.path] for file in files}


def alone(environment: str, devices: Devices, gateway: Json) -> Render:
    """Render in a repository of nothing but the spec, with its team and an environment that has its devices and gateway."""

    def render(document: Json) -> Rendering:
        loaded = load(_Tree(_files(document, environment, devices, gateway)))
        return rendered(document, desired_in(specs_in(loaded), environment), PATH)

    return render


def rendered(document: Json, desired: Desired, path: str) -> Rendering:
    """What became of one document, which lies at a path, among all that is desired."""
    id_ = f"{document['kind']}/{document['metadata']['team']}/{document['metadata']['name']}"
    made = next((each.manifests for each in desired.workloads if each.id == id_), ())
    errors = [each for each in desired.diagnostics if each.is_error]
    own = [each for each in errors if each.place.path == path]
    return Rendering(made, () if made else tuple(own or errors))


def _files(document: Json, environment: str, devices: Devices, gateway: Json) -> dict[str, bytes]:
    team = document["metadata"]["team"]
    platform = [
        _document(
            "Environment",
            {"name": environment},
            {
                "cluster": "imported",
                "capabilities": CAPABILITIES,
                **({"gateway": gateway} if gateway else {}),
                "caches": {"none": {}} if (document["spec"].get("model") or {}).get("cache") else {},
                "policy": {"exceptions": list(get_args(SecurityException))},
                "accelerators": {devices.name: devices.binding} if devices.name else {},
            },
        ),
        _document(
            "Team", {"name": team}, {"paths": ["workloads"], "podSecurity": {environment: "privileged"}}
        ),
    ]
    if devices.name:
        facts = {"vendor": devices.binding["resource"].partition(".")[0], "type": "gpu"}
        platform.append(_document("AcceleratorClass", {"name": devices.name}, facts))
    if (document["spec"].get("model") or {}).get("cache"):
        platform.append(_document("CacheClass", {"name": document["spec"]["model"]["cache"]}, _FETCHING))
    repository = {"specs": ["platform", "workloads"], "platform": ["platform"]}
    return {
        "yardarm.yaml": orjson.dumps({"apiVersion": API_VERSION, "kind": "Repository", "spec": repository}),
        **{f"platform/{number}.yaml": orjson.dumps(each) for number, each in enumerate(platform)},
        PATH: writing.text(document).encode(),
    }


def _document(kind: str, metadata: Json, spec: Json) -> Json:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}
