"""Names that a shell completes: from the repository and the settings that lie here, and from no cluster.

Whatever cannot be read has no names: somebody is typing, and wants no diagnosis.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # imported when needed: start-up time
    import click

    from yardarm_reconciler.load.glimpse import Glimpsed

MOST_FILES = 3000
"""Files that are looked into: some 0.1 s."""

LARGEST = 1 << 18
"""Bytes of a file that is looked into: larger ones were generated, and slow to look through."""

ENVIRONMENT, TEAM = "Environment", "Team"


def environments(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Environments of the repository, and those that the settings bind."""
    here = {each.name for each in _documents(ctx) if each.kind == ENVIRONMENT}
    bound = {str(each.get("environment", "")) for each in _units(ctx)}
    return _matching(here | bound, incomplete)


def workloads(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Workloads as ``team/name``, or as ``Kind/team/name`` once a kind was begun."""
    found = [each for each in _documents(ctx) if each.team]
    names = {f"{each.kind}/{each.team}/{each.name}" for each in found}
    if not incomplete[:1].isupper():
        names = {name.partition("/")[2] for name in names}
    return _matching(names, incomplete)


def teams(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Teams of the repository."""
    return _matching({each.name for each in _documents(ctx) if each.kind == TEAM}, incomplete)


def units(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Ids of the units of the settings."""
    return _matching({str(each.get("id", "")) for each in _units(ctx)}, incomplete)


def _matching(names: set[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name and name.startswith(incomplete))


def _documents(ctx: click.Context) -> Iterator[Glimpsed]:
    """What the documents of the repository around the working directory say of themselves."""
    from yardarm_reconciler.load.glimpse import glimpse  # noqa: PLC0415 - only where a shell asks

    start = Path(ctx.params.get("repository") or ".").absolute()
    root = next((each for each in (start, *start.parents) if (each / "yardarm.yaml").is_file()), None)
    if root is None:
        return
    for number, path in enumerate(_files(root)):
        if number >= MOST_FILES:
            return
        try:
            if path.stat().st_size <= LARGEST:
                yield from glimpse(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # nothing is known of it


def _files(root: Path) -> Iterator[Path]:
    """The spec files of a repository as they lie there, in the order of their paths."""
    from yardarm_reconciler.load.files import is_spec_name  # noqa: PLC0415 - as above
    from yardarm_reconciler.model.paths import matches_any  # noqa: PLC0415 - as above

    spec = _yaml(root / "yardarm.yaml").get("spec")
    listed = spec if isinstance(spec, dict) else {}
    patterns, ignored = (
        [each for name in names for each in _texts(listed.get(name))]
        for names in (("specs", "platform"), ("ignore",))
    )
    tops = {pattern.partition("/")[0] for pattern in patterns}
    everywhere = any("*" in top or "?" in top for top in tops)
    for top in [""] if everywhere else sorted(tops):
        for folder, folders, files in os.walk(root / top):
            folders[:] = sorted(each for each in folders if each != ".git")
            for name in filter(is_spec_name, sorted(files)):
                path = Path(folder, name)
                inside = path.relative_to(root).as_posix()
                if matches_any(patterns, inside) and not matches_any(ignored, inside):
                    yield path


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _units(ctx: click.Context) -> list[dict[str, Any]]:
    """The units of the settings that a command would take."""
    from yardarm_reconciler.settings import find  # noqa: PLC0415 - as above

    path = find(ctx.params.get("config"))
    listed = _yaml(path).get("units") if path else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _yaml(path: Path) -> Mapping[str, Any]:
    """A file as plain YAML; nothing where it is none."""
    import yaml  # noqa: PLC0415 - as above

    try:
        found = yaml.safe_load(path.read_bytes()) if path.stat().st_size <= LARGEST else None
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
