"""The operator's settings: which environment follows which source, and where it lies."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import Code, Diagnostic, UserError
from yardarm_reconciler.model.typed import typed
from yardarm_reconciler.model.unit import Unit
from yardarm_schema.settings import Cluster, Settings, Source, Tag
from yardarm_schema.settings import Unit as UnitSettings

DEFAULT = Path(".yardarm/settings.yaml")
VARIABLE = "YARDARM_CONFIG"

UNKNOWN_REFERENCE = Code(
    "reference/unknown-setting",
    title="The settings name something that they do not define",
    why="Each unit binds one environment to one of `sources` and one of `clusters`.",
    bad="units: [{id: u-1, environment: dev, source: modles, cluster: here}]",
    good="units: [{id: u-1, environment: dev, source: models, cluster: here}]",
)
DUPLICATE_UNIT = Code(
    "environment/bound-twice",
    title="Two units claim the same thing",
    why="An environment follows one source into one cluster, and the id of a unit is its name for ever.",
    bad="two units with environment: production",
    good="one unit for each environment",
)


TAG_NEEDED = Code(
    "git/tag-needed",
    title="A signed tag is asked for where no tag is followed",
    why="No revision of a branch would ever be followed.",
    bad="{ref: {branch: main}, verify: {ssh: {allowedSigners: signers}, mode: tag}}",
    good="{ref: {tag: v1.4}, verify: {ssh: {allowedSigners: signers}, mode: tag}}",
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A unit with what the settings bind it to. ``base`` is what relative paths in them start from."""

    unit: Unit
    source: Source
    cluster: Cluster
    base: Path


@dataclass(frozen=True, slots=True)
class Operator:
    """The settings of one file, checked as a whole."""

    path: Path
    settings: Settings
    bound: tuple[Bound, ...]

    @property
    def state(self) -> Path:
        """Where caches lie."""
        return self.path.parent / self.settings.state_dir

    def of(self, environment: str) -> Bound:
        """The unit of one environment.

        Raises:
            UserError: no unit is bound to it.
        """
        for each in self.bound:
            if each.unit.environment == environment:
                return each
        known = ", ".join(sorted(each.unit.environment for each in self.bound)) or "none"
        raise UserError(f"{self.path} binds no environment {environment!r}; it binds: {known}", exit_code=2)


def find(given: str | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The settings file: as given, as the environment says, or where it lies by convention; None for none."""
    if given or environ.get(VARIABLE):
        return Path(given or environ[VARIABLE])
    return DEFAULT if DEFAULT.is_file() else None


def read(path: Path) -> Operator:
    """Read and check a settings file.

    Raises:
        UserError: it cannot be read, or says what cannot be; all problems at once, exit code 2.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}", exit_code=2) from error
    composed = compose(str(path), data)
    found = list(composed.diagnostics)
    settings = None
    if len(composed.value) == 1:
        answer = typed(Settings, composed.value[0])
        settings, found = answer.value, [*found, *answer.diagnostics]
    if settings is not None:
        found += [*_references(settings, composed.value[0]), *_tags(settings, composed.value[0])]
    if settings is None or any(each.is_error for each in found):
        raise UserError(f"{path} is not usable as settings", tuple(found), exit_code=2)
    return Operator(path, settings, tuple(_bind(unit, settings, path.parent) for unit in settings.units))


def _bind(unit: UnitSettings, settings: Settings, base: Path) -> Bound:
    cluster = settings.clusters[unit.cluster]
    return Bound(
        Unit(
            id=unit.id,
            environment=unit.environment,
            cluster=unit.cluster,
            cluster_uid=getattr(cluster, "uid", None) or "",
            platform=unit.platform,
            confirm_runs=unit.bootstrap.runs == "confirm",
            linear=settings.sources[unit.source].force_push == "refuse",
        ),
        settings.sources[unit.source],
        cluster,
        base,
    )


def _references(settings: Settings, node: Node) -> list[Diagnostic]:
    """Names that lead nowhere, and names that are taken twice."""
    found = []
    taken: dict[tuple[str, str], int] = {}
    for index, unit in enumerate(settings.units):
        for field, known in (("source", settings.sources), ("cluster", settings.clusters)):
            name = getattr(unit, field)
            if name not in known:
                offered = ", ".join(sorted(known)) or "none"
                place = place_at(node, ("units", index, field))
                found.append(
                    UNKNOWN_REFERENCE.at(place, f"there is no {field} {name!r}", note=f"there are: {offered}")
                )
        for field in ("id", "environment"):
            name = getattr(unit, field)
            place = place_at(node, ("units", index, field))
            if (field, name) in taken:
                first = place_at(node, ("units", taken[field, name], field))
                found.append(DUPLICATE_UNIT.at(place, f"{field} {name!r} is taken at {first}"))
            taken.setdefault((field, name), index)
    return found


def _tags(settings: Settings, node: Node) -> Iterator[Diagnostic]:
    """Sources that ask for signed tags and follow none."""
    for name, source in settings.sources.items():
        if source.verify is not None and source.verify.mode != "commit" and not isinstance(source.ref, Tag):
            place = place_at(node, ("sources", name, "verify", "mode"))
            yield TAG_NEEDED.at(place, f"source {name!r} follows no tag", fix="mode: commit")
