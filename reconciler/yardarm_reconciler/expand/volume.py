"""Volume: one claim under the Volume's own name, which never changes, for what lies in it must survive."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.expand.storage import claim
from yardarm_reconciler.model.manifest import Manifest, manifest
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.volume import Volume


def expand(volume: Resolved[Volume]) -> Iterator[Manifest]:
    """The claim; deleted only when a person has confirmed it, as all that holds data."""
    yield manifest(claim(metadata(volume, volume.name), volume.spec), volume.origin("spec"))
