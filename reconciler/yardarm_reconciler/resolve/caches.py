"""The cache classes that the models of a spec name, bound to the environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from yardarm_reconciler.model.cache import NONE, BoundCache
from yardarm_reconciler.model.node import Node, descend, place_at
from yardarm_reconciler.model.origin import Code, Diagnostic, Found, Place
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.resolve.here import Here, key_place
from yardarm_schema.cache_class import CacheBinding, CacheClass
from yardarm_schema.model_service import Serving
from yardarm_schema.model_source import FetchedModel, StartingModel
from yardarm_schema.training import Training
from yardarm_schema.training_job import TrainingRole

Needing: TypeAlias = Serving | Training | TrainingRole
"""Specs of programs that need models and files from elsewhere."""

UNKNOWN = Code(
    "reference/unknown-cache",
    title="There is no cache class of this name",
    why="A CacheClass says what fetches models and where they are kept; the platform defines them, also shared and node.",
    bad="model: {uri: hf://Qwen/Qwen3-8B, cache: shard}",
    good="model: {uri: hf://Qwen/Qwen3-8B, cache: shared}",
)
NOT_HERE = Code(
    "reference/cache-not-here",
    title="This environment does not say where the cache lies",
    why="Environment.caches binds a CacheClass that keeps what it fetches: to a StorageClass, or to a driver of the nodes.",
    bad="model: {uri: hf://Qwen/Qwen3-8B, cache: node} where caches is {shared: {class: nfs}}",
    good="caches: {shared: {class: nfs}, node: {driver: cache.csi.example.com}}",
)


def bind(here: Here, spec: Needing, node: Node) -> Found[dict[str, BoundCache]]:
    """The classes by name, with what is wrong with those that cannot be used."""
    found: dict[str, BoundCache] = {}
    problems: list[Diagnostic] = []
    for path, name in _named(spec):
        if name in found or (name == NONE and not _exists(here, name)):
            continue
        field = ".".join(("spec", *path))
        bound = _one(here, name, place_at(node, path), field)
        problems += bound.diagnostics
        if bound.value is not None:
            found[name] = bound.value
    return Found(found, tuple(problems))


def unknown_bindings(here: Here) -> Iterator[Diagnostic]:
    """Bindings of classes that there are not: nothing can ask for them."""
    for name in sorted(here.environment.caches):
        if not _exists(here, name):
            path = ("spec", "caches", name)
            place = key_place(here.platform.document.node, *path)
            yield _unknown(here, name, place, ".".join(path))


def _named(spec: Needing) -> Iterator[tuple[tuple[str, ...], str]]:
    """The name of a class with the field that says it; what says nothing means the class ``none``."""
    models: dict[tuple[str, ...], object] = {("model",): spec.model}
    several = spec.models if isinstance(spec, Serving) else None
    models |= {("models", name): each for name, each in (several or {}).items()}
    for path, model in models.items():
        if isinstance(model, FetchedModel | StartingModel) and model.cache is not None:
            yield (*path, "cache"), model.cache
    for name, each in spec.data.items():
        if each.cache is not None:
            yield ("data", name, "cache"), each.cache
    yield ("model",), NONE


def _one(here: Here, name: str, place: Place, field: str) -> Found[BoundCache | None]:
    invalid = here.specs.invalid_platform.get(f"CacheClass/{name}")
    if invalid is not None:
        return Found(None, invalid)
    known = here.specs.caches.get(name)
    if known is None:
        return Found(None, (_unknown(here, name, place, field),))
    binding = here.environment.caches.get(name)
    lacking = _lacking(known.model, binding)
    if lacking:
        message = f"{here.name} {lacking.format(name=name)}"
        fix = f"add {name} to caches of Environment {here.name}"
        note = _listed(here.environment.caches)
        return Found(None, (NOT_HERE.at(place, message, fix=fix, note=note, field=field),))
    spec = descend(known.document.node, ("spec",))[0]
    return Found(BoundCache(name, known.model, binding or CacheBinding(), spec))


def _lacking(cache: CacheClass, binding: CacheBinding | None) -> str:
    """What the environment does not say, or nothing."""
    if cache.keeps == "shared":
        return (
            "" if binding is not None and binding.driver is None else "names no class of storage for {name}"
        )
    if cache.keeps == "node":
        return "" if binding is not None and binding.driver is not None else "names no driver for {name}"
    return ""


def _exists(here: Here, name: str) -> bool:
    return name in here.specs.caches or f"CacheClass/{name}" in here.specs.invalid_platform


def _unknown(here: Here, name: str, place: Place, field: str) -> Diagnostic:
    known = sorted(here.specs.caches)
    message = f"there is no cache class {name!r}"
    return UNKNOWN.at(place, message, fix=did_you_mean(name, known), note=_listed(known), field=field)


def _listed(known: Iterable[str]) -> str:
    names = ", ".join(sorted(known))
    return f"there are: {names or 'none'}"
