"""What models and trainings need from elsewhere, and the way on which each of these comes to their pods."""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yardarm_reconciler.expand.capabilities import has
from yardarm_reconciler.expand.names import derived, short_hash
from yardarm_reconciler.model.cache import NONE, BoundCache
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.cache_class import Fetcher
from yardarm_schema.images import ImageRef
from yardarm_schema.model_service import Serving
from yardarm_schema.model_source import FetchedModel, ModelUri, MountedModel, StartingModel
from yardarm_schema.network import CidrTarget, HostTarget, Target
from yardarm_schema.training import Training
from yardarm_schema.training_job import TrainingRole
from yardarm_schema.units import Quantity

ROOT = "/mnt/models"
"""Where models lie, as in KServe, so that images made for it find them."""

ADAPTERS = "/mnt/adapters"
HUGGING_FACE = tuple(
    HostTarget(host=host) for host in ("huggingface.co", "*.huggingface.co", "*.hf.co", "*.xethub.hf.co")
)
"""The hub, and where it sends those who ask for files; a ``*`` stands for one part of a name."""

DOCKER_HUB = tuple(HostTarget(host=host) for host in ("*.docker.io", "production.cloudflare.docker.com"))
GOOGLE = (HostTarget(host="*.googleapis.com"),)
GIBI, MEBI = Decimal(2**30), Decimal(2**20)
CONTENT = "content"
"""The folder in a claim or in a pod's own space that what was fetched lies in."""


class Way(enum.Enum):
    """How something comes to the pods."""

    CLAIM = "it lies in a claim"
    IMAGE = "the node pulls it as an image"
    PROGRAM = "the program fetches it"
    SHARED = "a Job fetches it into a claim"
    NODE = "the first pod on a node fetches it"
    POD = "each pod fetches it"


IN_PODS = frozenset({Way.NODE, Way.POD})
"""Ways on which a container of the pod fetches, before its program starts."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing from elsewhere: ``what`` it is among all of a service, the ``field`` of its address, and its ``path``.

    ``cache`` is the name of its cache class, ``size`` the room that the spec gives it.
    """

    what: str
    field: str
    uri: ModelUri
    path: str
    cache: str = NONE
    credentials: str | None = None
    size: Quantity | None = None

    @property
    def volume(self) -> str:
        """Name of the volume that has it."""
        return derived("yardarm", *self.what.split("/"))


def items(program: Resolved[Any]) -> Iterator[Item]:
    """Everything that a program needs from elsewhere: models, their adapters, data."""
    spec = program.spec
    if not isinstance(spec, Serving | Training | TrainingRole):
        return
    model, cache = spec.model, NONE
    if isinstance(model, FetchedModel | StartingModel):
        cache = model.cache or NONE
        yield Item("model", "spec.model.uri", model.uri, ROOT, cache, model.credentials, model.size)
    adapters = model.adapters if isinstance(model, FetchedModel | MountedModel) else {}
    for name, adapter in sorted(adapters.items()):
        field, path = f"spec.model.adapters.{name}.uri", f"{ADAPTERS}/{name}"
        login = adapter.credentials or _inherited(spec, adapter.uri)
        yield Item(f"adapter/{name}", field, adapter.uri, path, cache, login, adapter.size)
    several = spec.models if isinstance(spec, Serving) else None
    for name, each in sorted((several or {}).items()):
        field, kept = f"spec.models.{name}.uri", each.cache or NONE
        yield Item(f"model/{name}", field, each.uri, f"{ROOT}/{name}", kept, each.credentials, each.size)
    for name, data in sorted(spec.data.items()):
        field = f"spec.data.{name}.uri"
        kept, login = data.cache or cache, data.credentials or _inherited(spec, data.uri)
        yield Item(f"data/{name}", field, data.uri, data.path, kept, login, data.size)


def _inherited(spec: Serving | Training | TrainingRole, uri: ModelUri) -> str | None:
    """The login of the model, where that comes from the same kind of place: another demands other keys."""
    model = spec.model
    if not isinstance(model, FetchedModel | StartingModel) or model.uri.scheme != uri.scheme:
        return None
    return model.credentials


def way(program: Resolved[Any], item: Item) -> Way | None:
    """How it comes to the pods; None where nothing brings it there."""
    scheme, cache = item.uri.scheme, program.caches.get(item.cache)
    shared = cache is not None and cache.spec.keeps == "shared"
    if scheme == "pvc":
        return Way.CLAIM
    itself = program.runtime.spec.fetches if program.runtime is not None else ()
    if item.what == "model" and item.cache == NONE and scheme in itself:
        return Way.PROGRAM
    if scheme == "oci" and has(program, "imageVolume") and not shared:
        return Way.IMAGE
    if cache is None or scheme not in cache.spec.fetchers:
        return None
    return {"shared": Way.SHARED, "node": Way.NODE, "none": Way.POD}[cache.spec.keeps]


def cache_of(program: Resolved[Any], item: Item) -> BoundCache:
    """The class of something that is fetched by it."""
    return program.caches[item.cache]


def fetcher_of(program: Resolved[Any], item: Item) -> Fetcher:
    """What fetches it."""
    scheme = item.uri.scheme
    if scheme == "pvc":
        raise ValueError("what lies in a claim is not fetched")
    return cache_of(program, item).spec.fetchers[scheme]


def room(program: Resolved[Any], item: Item) -> Quantity:
    """How much room it is given where it is fetched to."""
    return item.size or cache_of(program, item).spec.size


def total_room(program: Resolved[Any]) -> Quantity:
    """How much of a pod's own disk all that it fetches for itself may take, in whole Gi where it is that."""
    sizes = [room(program, item) for item in items(program) if way(program, item) is Way.POD]
    total = sum((size.value for size in sizes), Decimal(0))
    unit, name = (GIBI, "Gi") if total % GIBI == 0 else (MEBI, "Mi")
    return Quantity(f"{-(-total // unit)}{name}")


def inside(program: Resolved[Any], item: Item) -> str:
    """The folder that it lies in: on a node all pods share one volume, whatever they need."""
    return short_hash(item.uri) if way(program, item) is Way.NODE else CONTENT


def targets(program: Resolved[Any], item: Item) -> tuple[Target, ...]:
    """Where whoever fetches it connects to; nothing where nobody says it."""
    found = way(program, item)
    if found in (None, Way.CLAIM, Way.IMAGE):
        return ()
    if found is not Way.PROGRAM:
        said = cache_of(program, item).binding.egress or fetcher_of(program, item).egress
        if said:
            return said
    match item.uri.scheme:
        case "hf":
            return HUGGING_FACE
        case "gs":
            return GOOGLE
        case "oci":
            registry = ImageRef(item.uri.location).registry
            return DOCKER_HUB if registry == "docker.io" else _host(registry, 443)
        case "http" | "https":
            return _host(item.uri.location.partition("/")[0], 443 if item.uri.scheme == "https" else 80)
        case _:
            return ()


def _host(text: str, otherwise: int) -> tuple[Target, ...]:
    """The host of an address, which may be a number; one without a dot is of the cluster, and no policy knows it."""
    host, _, port = text.lower().partition(":")
    ports = (int(port) if port else otherwise,)
    try:
        return (CidrTarget(cidr=f"{ipaddress.ip_address(host)}/32", ports=ports),)
    except ValueError:
        return (HostTarget(host=host, ports=ports),) if "." in host else ()
