"""Where the models of a service lie for its pods, and what the pods need to reach them there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from yardarm_reconciler.expand import hosts
from yardarm_reconciler.expand.fetch_job import claim_name
from yardarm_reconciler.expand.fetching import (
    ADAPTERS,
    HUGGING_FACE,
    IN_PODS,
    ROOT,
    Item,
    Way,
    cache_of,
    inside,
    items,
    room,
    targets,
    total_room,
    way,
)
from yardarm_reconciler.expand.sidecars import UNKNOWN_VOLUME
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.container import EnvVar, SecretKey
from yardarm_schema.model_service import Serving
from yardarm_schema.model_source import FetchedModel, MountedModel
from yardarm_schema.network import HostTarget, Target
from yardarm_schema.units import ImageRef
from yardarm_schema.volumes import ClaimVolume, DriverVolume, ImageVolume, Scratch, ScratchVolume, Volume

NOT_FETCHED = Code(
    "model/not-fetched",
    title="Nothing brings this to the pods",
    why="Runtime.fetches says where its program can fetch a model from; a CacheClass says what else is fetched, and by what. "
    "All others must lie in a claim, as pvc://claim/path, or in a volume of the workload.",
    bad="runtime: triton, model: {uri: s3://models/repository} where no CacheClass none has a fetcher for s3",
    good="runtime: triton, model: {uri: pvc://models/repository}",
)
NO_WAY = Code(
    "model/no-way-to-host",
    title="Nobody says where this is fetched from",
    why="Pods reach only the hosts that are opened to them, and the address of a bucket, or a name without a dot, names none.",
    bad="fetchers: {s3: {image: …, run: …}}",
    good="fetchers: {s3: {image: …, run: …, egress: [{host: models.s3.eu-central-1.amazonaws.com}]}}",
)
NO_ROOM = Code(
    "field/ephemeral-too-small",
    title="The pod's disk does not cover what is fetched to it",
    why="What is fetched into the pod's own space counts against its ephemeral storage: it would be evicted.",
    bad="resources: {ephemeral: 10Gi}, model: {uri: s3://models/a, cache: none, size: 40Gi}",
    good="resources: {ephemeral: 50Gi}, model: {uri: s3://models/a, cache: none, size: 40Gi}",
)
CACHE = "/var/cache/models"
TOKEN = "HF_TOKEN"  # noqa: S105 - its name
"""What Hugging Face's libraries take a token from, and its key in the Secret."""

ENDPOINT = "HF_ENDPOINT"
"""What Hugging Face's libraries take the address of a mirror from."""

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
    problems = (*_unfetched(service), *_unmounted(service), *_unreached(service), *_too_large(service))
    yield from problems
    if not problems:
        yield from _opened(service)


def _unfetched(service: Resolved[Serving]) -> Iterator[Diagnostic]:
    for item in items(service):
        if way(service, item) is None:
            fix = f"a fetcher for {item.uri.scheme} in CacheClass {item.cache}, or pvc://claim/path"
            message = _why_not(service, item)
            yield NOT_FETCHED.at(service.origin(item.field), message, fix=fix, field=item.field)


def _why_not(service: Resolved[Serving], item: Item) -> str:
    what = {"adapter": "adapters"}.get(item.what.partition("/")[0], item.what.partition("/")[0])
    runtime, scheme = service.served_by().name, item.uri.scheme
    if item.cache in service.caches:
        return f"neither {runtime} nor CacheClass {item.cache} fetches {what} from {scheme}://"
    return f"{runtime} does not fetch {what} from {scheme}://, and there is no CacheClass {item.cache}"


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


def _unreached(service: Resolved[Serving]) -> Iterator[Diagnostic]:
    for item in items(service):
        fetched = way(service, item) in {Way.SHARED, *IN_PODS}
        if fetched and not targets(service, item):
            message = f"CacheClass {item.cache} has no egress for {item.uri.scheme}://"
            fix = f"add egress to fetchers.{item.uri.scheme} of CacheClass {item.cache}"
            yield NO_WAY.at(service.origin(item.field), message, fix=fix, field=item.field)


def _too_large(service: Resolved[Serving]) -> Iterator[Diagnostic]:
    """The pod's limit of local disk is that of its main container."""
    limit, needed = service.spec.resources.ephemeral, total_room(service)
    if limit is not None and needed.value and limit.value <= needed.value:
        field = "spec.resources.ephemeral"
        message = f"ephemeral {limit} does not exceed the {needed} that are fetched"
        yield NO_ROOM.at(service.origin(field), message, fix=f"raise ephemeral above {needed}", field=field)


def _opened(service: Resolved[Serving]) -> Iterator[Diagnostic]:
    for item in items(service):
        if way(service, item) is Way.PROGRAM and ENDPOINT in service.spec.env:
            continue
        named = [target for target in targets(service, item) if isinstance(target, HostTarget)]
        for target in named[:1]:
            yield from hosts.opened(service, target, item.field, "mount it, as pvc://claim/path")


def locate(service: Resolved[Serving]) -> Located:
    """Where everything lies; only for what :func:`check` has nothing against."""
    found, needed = _model(service), tuple(items(service))
    ways = {item.what: way(service, item) for item in needed}
    in_pods = (each for item in needed if ways[item.what] in IN_PODS for each in targets(service, item))
    adapters = service.spec.model.adapters if service.spec.model is not None else {}
    offline = Way.PROGRAM not in ways.values() and any(
        item.uri.scheme == "hf" and ways[item.what] is not Way.CLAIM for item in needed
    )
    return Located(
        path=ROOT if service.spec.models else found.path,
        revision=found.revision,
        cache=found.cache,
        adapters={name: f"{ADAPTERS}/{name}" for name in sorted(adapters)},
        egress=tuple(dict.fromkeys((*found.egress, *in_pods))),
        env={**found.env, **({OFFLINE: "1"} if offline else {})},
        volumes={
            **found.volumes,
            **{item.volume: _volume(service, item) for item in needed if ways[item.what] is not Way.PROGRAM},
        },
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


def _volume(service: Resolved[Serving], item: Item) -> Volume:
    """What has it, mounted where it is looked for."""
    match way(service, item):
        case Way.SHARED:
            claim = claim_name(service, item)
            return ClaimVolume(claim=claim, path=item.path, read_only=True, sub_path=inside(service, item))
        case Way.NODE:
            binding = cache_of(service, item).binding
            return DriverVolume(
                driver=binding.driver or "",
                attributes=binding.attributes or {},
                path=item.path,
                read_only=True,
                sub_path=inside(service, item),
            )
        case Way.POD:
            space = Scratch(size=room(service, item))
            return ScratchVolume(
                path=item.path, scratch=space, read_only=True, sub_path=inside(service, item)
            )
        case Way.IMAGE:
            uri = item.uri
            reference = f"{uri.location}@{uri.revision}" if uri.revision else uri.location
            return ImageVolume(image=ImageRef(reference), path=item.path)
        case _:
            return _claim(item)


def _claim(item: Item) -> ClaimVolume:
    """A path of a claim; of the only model the whole claim, for it may be one of several files that belong together."""
    claim, _, within = item.uri.location.partition("/")
    whole = ClaimVolume(claim=claim, path=item.path, read_only=True)
    return whole if item.what == "model" or not within else whole.model_copy(update={"sub_path": within})
