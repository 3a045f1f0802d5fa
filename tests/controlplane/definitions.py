"""Custom resource definitions, out of their projects' own Go modules: downloaded once, checked, condensed."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from tests.controlplane.cache import cached, say
from tests.controlplane.client import Object
from tests.controlplane.toolchain import GoError, find_go, run_go

CATALOGUE = Path(__file__).with_name("custom-resources.yaml")


@dataclass(frozen=True, slots=True)
class Project:
    """A project's module, the hash of its zip as in go.sum, and which of its definitions we take."""

    module: str
    version: str
    sum: str
    path: str
    group: str
    plurals: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The definitions' names: `<plural>.<group>`."""
        return tuple(f"{plural}.{self.group}" for plural in self.plurals)


def projects() -> Mapping[str, Project]:
    """Return the catalogue, by capability."""
    entries: Mapping[str, dict[str, Any]] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return {key: Project(**{**entry, "plurals": tuple(entry["plurals"])}) for key, entry in entries.items()}


def definitions(capabilities: Collection[str]) -> list[Object]:
    """Return the definitions of some capabilities.

    The first call on a machine downloads the modules of all (about 140 MB, 10 seconds).

    Raises:
        GoError: a module could not be downloaded, or is not what the catalogue says.
        KeyError: the catalogue has no such capability.
    """
    known = projects()
    folder = cached(f"definitions-{definitions_key()}", _make)
    wanted = [name for each in capabilities for name in known[each].names]
    return [orjson.loads((folder / f"{name}.json").read_bytes()) for name in wanted]


def definitions_key() -> str:
    """Return 16 hex digits that change with the catalogue, and with what this module makes of it."""
    digest = hashlib.sha256(CATALOGUE.read_bytes() + Path(__file__).read_bytes())
    return digest.hexdigest()[:16]


def _make(target: Path) -> None:
    known = projects().values()
    say(f"downloading custom resource definitions in {len(known)} Go modules, once: about 140 MB")
    for project, module in zip(known, _download(target, known), strict=True):
        found = {each["metadata"]["name"]: each for each in _read(module / project.path, project)}
        for name in project.names:
            (target / f"{name}.json").write_bytes(orjson.dumps(found[name]))
    say("custom resource definitions are in the cache")


def _download(folder: Path, wanted: Collection[Project]) -> list[Path]:
    """Return the modules' directories, in the order asked for."""
    queries = [f"{each.module}@{each.version}" for each in wanted]
    output = run_go([find_go(), "mod", "download", "-json", *queries], folder, "downloading modules")
    found = {each["Path"]: each for each in _documents(output)}
    for each in wanted:
        if found[each.module]["Sum"] != each.sum:
            raise GoError(
                f"{each.module} {each.version} is {found[each.module]['Sum']}, not the {each.sum} of {CATALOGUE.name}"
            )
    return [Path(found[each.module]["Dir"]) for each in wanted]


def _documents(text: str) -> Iterator[dict[str, Any]]:
    """JSON documents that stand one after another, as `go` prints them."""
    decoder, rest = json.JSONDecoder(), text.lstrip()
    while rest:
        document, end = decoder.raw_decode(rest)
        yield document
        rest = rest[end:].lstrip()


def _read(path: Path, project: Project) -> Iterator[Object]:
    files = [path] if path.is_file() else [path / f"{project.group}_{each}.yaml" for each in project.plurals]
    for file in files:
        # Helm charts wrap a definition in template lines.
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("{{")]
        for document in yaml.load_all("\n".join(lines), yaml.CSafeLoader):
            if document:
                yield _condensed(document)


def _condensed(definition: Object) -> Object:
    """The definition without versions that nobody can ask for, nor conversion, whose webhook does not run here."""
    spec = {key: value for key, value in definition["spec"].items() if key != "conversion"}
    versions = [each for each in spec["versions"] if each["served"] or each["storage"]]
    return {**definition, "spec": {**spec, "versions": versions}}
