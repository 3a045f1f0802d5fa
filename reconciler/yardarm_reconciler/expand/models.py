"""Where the models of a service lie for its pods, and what the pods need to reach them there.

The program may fetch a model itself, or it lies in a claim or in a volume of the workload. What must be fetched by
others first has no place yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from yardarm_reconciler.expand import hosts
from yardarm_reconciler.expand.names import derived
from yardarm_reconciler.expand.sidecars import UNKNOWN_VOLUME
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.container import EnvVar, SecretKey
from yardarm_schema.model_service import Serving
from yardarm_schema.model_source import FetchedModel, ModelUri, MountedModel, uris
from yardarm_schema.network import HostTarget
from yardarm_schema.volumes import ClaimVolume, Scratch, ScratchVolume, Volume

NOT_FETCHED = Code(
    "model/not-fetched",
    title="Nothing brings this to the pods",
    why="Runtime.fetches says where its program can fetch a model from; adapters, data and models from elsewhere must "
    "lie in a claim, as pvc://claim/path, or in a volume of the workload.",
    bad="runtime: triton, model: {uri: s3://models/repository}",
    good="runtime: triton, model: {uri: pvc://models/repository}",
)
ROOT = "/mnt/models"
"""Where models lie, as in KServe, so that images made for it find them."""

ADAPTERS, CACHE = "/mnt/adapters", "/var/cache/models"
TOKEN = "HF_TOKEN"  # noqa: S105 - its name
"""What Hugging Face's libraries take a token from, and its key in the Secret."""

ENDPOINT = "HF_ENDPOINT"
"""What Hugging Face's libraries take the address of a mirror from."""

HUGGING_FACE = tuple(
    HostTarget(host=host) for host in ("huggingface.co", "*.huggingface.co", "*.hf.co", "*.xethub.hf.co")
)
"""The hub, and where it sends those who ask for files; a ``*`` stands for one part of a name."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where everything lies for one program.

    Attributes:
        path: of the model in the container, or its name where the program fetches it; of several models, the
            directory that has them all; None without any.
        revision: of a model that the program fetches.
        cache: the directory for what the program fetches.
        adapters: where they lie, by name.
        hosts: that the program fetches from.
        env: variables that the main container needs besides.
        volumes: volumes that the pod needs besides.
    """

    path: str | None = None
    revision: str | None = None
    cache: str | None = None
    adapters: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[HostTarget, ...] = ()
    env: Mapping[str, EnvVar] = field(default_factory=dict)
    volumes: Mapping[str, Volume] = field(default_factory=dict)


def check(service: Resolved[Serving]) -> Iterator[Diagnostic]:
    """Say what cannot be brought to the pods, and what opens more than the way to it."""
    problems = (*_unfetched(service), *_unmounted(service))
    yield from problems
    for host in () if problems else locate(service).hosts[:1]:
        yield from hosts.opened(service, host, "spec.model.uri", "mount it, as pvc://claim/path")


def _unfetched(service: Resolved[Serving]) -> Iterator[Diagnostic]:
    spec = service.spec
    for path, uri in uris(spec.model, spec.models, spec.data):
        if uri.scheme != "pvc" and not (path == ("model", "uri") and _fetches(service, spec.model)):
            name = ".".join(("spec", *path))
            message = f"{_what(service, path)} from {uri.scheme}:// {_where(spec.model)}".rstrip()
            yield NOT_FETCHED.at(service.origin(name), message, field=name)


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


def _what(service: Resolved[Serving], path: tuple[str, ...]) -> str:
    kind = "adapters" if "adapters" in path else path[0]
    return f"{service.served_by().name} does not fetch {kind}"


def _where(model: FetchedModel | MountedModel | None) -> str:
    cache = model.cache if isinstance(model, FetchedModel) else None
    return f"to cache {cache}" if cache not in (None, "none") else ""


def locate(service: Resolved[Serving]) -> Located:
    """Where everything lies; only for what :func:`check` has nothing against."""
    found = _model(service)
    adapters = dict(_adapters(service))
    mounted = {f"yardarm-adapter-{name}": (uri, f"{ADAPTERS}/{name}") for name, uri in adapters.items()}
    mounted |= {
        f"yardarm-model-{name}": (each.uri, f"{ROOT}/{name}")
        for name, each in (service.spec.models or {}).items()
    }
    mounted |= {f"yardarm-data-{name}": (each.uri, each.path) for name, each in service.spec.data.items()}
    volumes = {derived(name): _claim(uri, path) for name, (uri, path) in mounted.items()}
    return Located(
        path=ROOT if service.spec.models else found.path,
        revision=found.revision,
        cache=found.cache,
        adapters={name: f"{ADAPTERS}/{name}" for name in adapters},
        hosts=found.hosts,
        env=found.env,
        volumes={**found.volumes, **volumes},
    )


def _adapters(service: Resolved[Serving]) -> Iterator[tuple[str, ModelUri]]:
    model = service.spec.model
    for name, adapter in sorted(model.adapters.items()) if model is not None else ():
        yield name, adapter.uri


def _model(service: Resolved[Serving]) -> Located:
    """Where the only model lies."""
    match service.spec.model:
        case MountedModel() as model:
            volume = service.spec.volumes[model.volume]
            return Located(path="/".join((volume.path, *((model.path,) if model.path is not None else ()))))
        case FetchedModel() as model if _fetches(service, model):
            return _fetched(model, elsewhere=ENDPOINT in service.spec.env)
        case FetchedModel() as model:
            # The whole claim: a model may be one of several files that belong together.
            claim, _, path = model.uri.location.partition("/")
            volume = ClaimVolume(claim=claim, path=ROOT, read_only=True)
            return Located(path=f"{ROOT}/{path}".rstrip("/"), volumes={"yardarm-model": volume})
        case _:
            return Located()


def _fetches(service: Resolved[Serving], model: FetchedModel | MountedModel | None) -> bool:
    """Whether the program fetches a model itself, each pod for itself."""
    if not isinstance(model, FetchedModel) or model.cache not in (None, "none"):
        return False
    return model.uri.scheme in service.served_by().spec.fetches


def _fetched(model: FetchedModel, *, elsewhere: bool) -> Located:
    """A model by its name, which the program fetches to space that outlives its container, but not the pod.

    From ``elsewhere`` it comes where the spec names a mirror of its own, and then opens the way there itself.
    """
    secret = model.credentials
    return Located(
        path=model.uri.location,
        revision=model.uri.revision or None,
        cache=CACHE,
        hosts=() if elsewhere else HUGGING_FACE,
        env={TOKEN: SecretKey(secret=secret, key=TOKEN)} if secret is not None else {},
        volumes={"yardarm-cache": ScratchVolume(path=CACHE, scratch=Scratch())},
    )


def _claim(uri: ModelUri, path: str) -> ClaimVolume:
    """A path of a claim, mounted where it is looked for."""
    claim, _, inside = uri.location.partition("/")
    return ClaimVolume(claim=claim, path=path, read_only=True, sub_path=inside or None)
