"""What is fetched, as the pods that need it see it: volumes, ways out, and what cannot be brought to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from yardarm_reconciler.expand import fetch_container, hosts
from yardarm_reconciler.expand.fetch_job import claim_name
from yardarm_reconciler.expand.fetching import (
    IN_PODS,
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
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.images import ImageRef
from yardarm_schema.network import HostTarget, Target
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
ENDPOINT = "HF_ENDPOINT"
"""What Hugging Face's libraries take the address of a mirror from."""


def check(program: Resolved[Any]) -> Iterator[Diagnostic]:
    """Say what cannot be brought to the pods, and what opens more than the way to it."""
    problems = (*_unfetched(program), *_unreached(program), *_too_large(program))
    yield from problems
    if not problems:
        yield from _opened(program)


def _unfetched(program: Resolved[Any]) -> Iterator[Diagnostic]:
    for item in items(program):
        if way(program, item) is None:
            fix = f"a fetcher for {item.uri.scheme} in CacheClass {item.cache}, or pvc://claim/path"
            message = _why_not(program, item)
            yield NOT_FETCHED.at(program.origin(item.field), message, fix=fix, field=item.field)


def _why_not(program: Resolved[Any], item: Item) -> str:
    what = {"adapter": "adapters"}.get(item.what.partition("/")[0], item.what.partition("/")[0])
    runtime = program.runtime.name if program.runtime is not None else "the program"
    scheme = item.uri.scheme
    if item.cache in program.caches:
        return f"neither {runtime} nor CacheClass {item.cache} fetches {what} from {scheme}://"
    return f"{runtime} does not fetch {what} from {scheme}://, and there is no CacheClass {item.cache}"


def _unreached(program: Resolved[Any]) -> Iterator[Diagnostic]:
    for item in items(program):
        fetched = way(program, item) in {Way.SHARED, *IN_PODS}
        if fetched and not targets(program, item):
            message = f"CacheClass {item.cache} has no egress for {item.uri.scheme}://"
            fix = f"add egress to fetchers.{item.uri.scheme} of CacheClass {item.cache}"
            yield NO_WAY.at(program.origin(item.field), message, fix=fix, field=item.field)


def _too_large(program: Resolved[Any]) -> Iterator[Diagnostic]:
    """The pod's limit of local disk is that of its main container."""
    limit, needed = program.spec.resources.ephemeral, total_room(program)
    if limit is not None and needed.value and limit.value <= needed.value:
        field = "spec.resources.ephemeral"
        message = f"ephemeral {limit} does not exceed the {needed} that are fetched"
        yield NO_ROOM.at(program.origin(field), message, fix=f"raise ephemeral above {needed}", field=field)


def _opened(program: Resolved[Any]) -> Iterator[Diagnostic]:
    for item in items(program):
        if way(program, item) is Way.PROGRAM and ENDPOINT in program.spec.env:
            continue
        named = [target for target in targets(program, item) if isinstance(target, HostTarget)]
        for target in named[:1]:
            yield from hosts.opened(program, target, item.field, "mount it, as pvc://claim/path")


def egress(program: Resolved[Any]) -> tuple[Target, ...]:
    """Where the pods themselves fetch from."""
    found = (
        each for item in items(program) if way(program, item) in IN_PODS for each in targets(program, item)
    )
    return tuple(dict.fromkeys(found))


def volumes(program: Resolved[Any]) -> Mapping[str, Volume]:
    """What has it, by name; nothing of what the program fetches by itself."""
    needed = [item for item in items(program) if way(program, item) is not Way.PROGRAM]
    return {item.volume: _volume(program, item) for item in needed}


def with_files(program: Resolved[Any]) -> Resolved[Any]:
    """The program of a training with all that it needs; to do it twice is to do it once."""
    spec = program.spec
    mounted = volumes(program)
    if not mounted:
        return program
    opened = (*spec.network.egress, *egress(program))
    network = spec.network.model_copy(update={"egress": tuple(dict.fromkeys(opened))})
    changed = {"volumes": {**spec.volumes, **mounted}, "network": network}
    return replace(
        program, spec=spec.model_copy(update=changed), before=tuple(fetch_container.in_pod(program))
    )


def _volume(program: Resolved[Any], item: Item) -> Volume:
    """What has it, mounted where it is looked for."""
    match way(program, item):
        case Way.SHARED:
            claim = claim_name(program, item)
            return ClaimVolume(claim=claim, path=item.path, read_only=True, sub_path=inside(program, item))
        case Way.NODE:
            binding = cache_of(program, item).binding
            return DriverVolume(
                driver=binding.driver or "",
                attributes=binding.attributes or {},
                path=item.path,
                read_only=True,
                sub_path=inside(program, item),
            )
        case Way.POD:
            space = Scratch(size=room(program, item))
            return ScratchVolume(
                path=item.path, scratch=space, read_only=True, sub_path=inside(program, item)
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
