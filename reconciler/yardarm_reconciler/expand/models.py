"""Where the models of a service lie for its pods, and what the pods need to reach them there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from yardarm_reconciler.expand import fetched
from yardarm_reconciler.expand.fetched import ENDPOINT
from yardarm_reconciler.expand.fetching import ADAPTERS, HUGGING_FACE, ROOT, Way, items, way
from yardarm_reconciler.expand.sidecars import UNKNOWN_VOLUME
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.container import EnvVar, SecretKey
from yardarm_schema.model_service import Serving
from yardarm_schema.model_source import FetchedModel, MountedModel
from yardarm_schema.network import Target
from yardarm_schema.volumes import Scratch, ScratchVolume, Volume

CACHE = "/var/cache/models"
TOKEN = "HF_TOKEN"  # noqa: S105 - its name
"""What Hugging Face's libraries take a token from, and its key in the Secret."""

OFFLINE = "HF_HUB_OFFLINE"
"""Keeps them from asking the hub for what lies on disk: there is no way to it."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where everything lies for one program.

    Attributes:
        path: of the model in the container, or its name where the program fetches it; of several models, the
            directory that has them all; None without any.
        revision: of a model that the program fetches.
        cache: the directory for what the program fetches.
        adapters: where they lie, by name.
        egress: where the pods fetch from.
        env: variables that the main container needs besides.
        volumes: volumes that the pod needs besides.
    """

    path: str | None = None
    revision: str | None = None
    cache: str | None = None
    adapters: Mapping[str, str] = field(default_factory=dict)
    egress: tuple[Target, ...] = ()
    env: Mapping[str, EnvVar] = field(default_factory=dict)
    volumes: Mapping[str, Volume] = field(default_factory=dict)


def check(service: Resolved[Serving]) -> Iterator[Diagnostic]:
    """Say what cannot be brought to the pods, and what opens more than the way to it."""
    problems = (*_unmounted(service), *fetched.check(service))
    yield from problems


def _unmounted(service: Resolved[Serving]) -> Iterator[Diagnostic]:
    model, known = service.spec.model, sorted(service.spec.volumes)
    if isinstance(model, MountedModel) and model.volume not in known:
        yield UNKNOWN_VOLUME.at(
            service.origin("spec.model.volume"),
            f'there is no volume "{model.volume}"',
            fix=did_you_mean(model.volume, known),
            note=f"volumes are: {', '.join(known) or 'none'}",
            field="spec.model.volume",
        )


def locate(service: Resolved[Serving]) -> Located:
    """Where everything lies; only for what :func:`check` has nothing against."""
    found, needed = _model(service), tuple(items(service))
    ways = {item.what: way(service, item) for item in needed}
    adapters = service.spec.model.adapters if service.spec.model is not None else {}
    offline = Way.PROGRAM not in ways.values() and any(
        item.uri.scheme == "hf" and ways[item.what] is not Way.CLAIM for item in needed
    )
    return Located(
        path=ROOT if service.spec.models else found.path,
        revision=found.revision,
        cache=found.cache,
        adapters={name: f"{ADAPTERS}/{name}" for name in sorted(adapters)},
        egress=(*found.egress, *fetched.egress(service)),
        env={**found.env, **({OFFLINE: "1"} if offline else {})},
        volumes={**found.volumes, **fetched.volumes(service)},
    )


def _model(service: Resolved[Serving]) -> Located:
    """Where the only model lies."""
    match service.spec.model:
        case MountedModel() as model:
            volume = service.spec.volumes[model.volume]
            return Located(path="/".join((volume.path, *((model.path,) if model.path is not None else ()))))
        case FetchedModel() as model:
            item = next(items(service))
            found, uri = way(service, item), model.uri
            if found is Way.PROGRAM:
                return _by_program(model, elsewhere=ENDPOINT in service.spec.env)
            if found is Way.CLAIM:
                return Located(path=f"{ROOT}/{uri.location.partition('/')[2]}".rstrip("/"))
            return Located(path=f"{ROOT}/{uri.file}" if uri.scheme in ("http", "https") else ROOT)
        case _:
            return Located()


def _by_program(model: FetchedModel, *, elsewhere: bool) -> Located:
    """A model by its name, which the program fetches to space that outlives its container, but not the pod.

    From ``elsewhere`` it comes where the spec names a mirror of its own, and then opens the way there itself.
    """
    secret = model.credentials
    return Located(
        path=model.uri.location,
        revision=model.uri.revision or None,
        cache=CACHE,
        egress=() if elsewhere else HUGGING_FACE,
        env={TOKEN: SecretKey(secret=secret, key=TOKEN)} if secret is not None else {},
        volumes={"yardarm-cache": ScratchVolume(path=CACHE, scratch=Scratch())},
    )
