"""Shared caches: a claim for each thing that is fetched, and the Job that fills it before any pod needs it.

Claims are named by what lies in them: another revision lies in another claim, beside the one that pods still read. The Job is a run: once it has succeeded it is never begun again while its claim is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from yardarm_reconciler.expand import fetching, hosts, pod, storage
from yardarm_reconciler.expand.fetch_container import AT, script, variables
from yardarm_reconciler.expand.fetching import Item, Way
from yardarm_reconciler.expand.job import DISRUPTED
from yardarm_reconciler.expand.labels import RUN, metadata
from yardarm_reconciler.expand.names import HASH_LENGTH, derived, short_hash
from yardarm_reconciler.expand.network import network_policy
from yardarm_reconciler.model.manifest import Key, Manifest, Object, canonical, digest, manifest
from yardarm_reconciler.model.workload import Resolved, RunIntent
from yardarm_schema.network import Network
from yardarm_schema.pod import Identity
from yardarm_schema.security import Security
from yardarm_schema.units import Quantity
from yardarm_schema.volumes import ClaimVolume
from yardarm_schema.workload import Program

FORMAT, HEX_DIGITS = "r1-", 32
"""As of the ids of all runs."""

RETRIES = 6
"""As many as Kubernetes gives a Job that says nothing: the last one some ten minutes after the first."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The claim of something that is fetched."""

    size: Quantity
    storage_class: str | None
    access: str = "many"


def root(program: Resolved[Any]) -> str:
    """The name of the whole service: its variants, which have names of their own, share what is fetched."""
    return program.id.rpartition("/")[2]


def run_id(program: Resolved[Any], item: Item) -> str:
    """Which fetch it is: of what, where to, and by what, so that one that failed for its program or login is tried anew.

    Where the claim has what is fetched already, another program finds it there, and is done at once.
    """
    fetcher, binding = fetching.fetcher_of(program, item), fetching.cache_of(program, item).binding
    env = {**fetcher.env, **binding.env}
    by = {"image": str(fetcher.image), "run": fetcher.run, "env": env, "credentials": item.credentials}
    return FORMAT + digest(canonical({**_content(program, item), **by}))[:HEX_DIGITS]


def claim_name(program: Resolved[Any], item: Item) -> str:
    """The name of its claim, which follows from what lies in it."""
    return derived(root(program), "cache", short_hash(canonical(_content(program, item))))


def _content(program: Resolved[Any], item: Item) -> Object:
    """What is fetched, and where to."""
    cache = fetching.cache_of(program, item)
    return {"fetch": str(item.uri), "cache": cache.name, "class": cache.binding.storage_class}


def expand(programs: tuple[Resolved[Any], ...]) -> Iterator[Manifest]:
    """Claims and Jobs of everything that shared caches keep for these programs, and the way out for the Jobs."""
    shared = _shared(programs)
    if not shared:
        return
    for program, item in shared.values():
        yield _claim(program, item)
    found = dict.fromkeys(each for owner in shared.values() for each in fetching.targets(*owner))
    fetching_all = _fetching(programs[0], network=Network().model_copy(update={"egress": tuple(found)}))
    yield network_policy(fetching_all)
    yield from hosts.policies(fetching_all)
    for program, item in shared.values():
        yield _job(program, item)


def runs(programs: tuple[Resolved[Any], ...]) -> tuple[RunIntent, ...]:
    """The fetches, each a run that all pods wait for."""
    return tuple(
        RunIntent(
            run_id(program, item),
            Key("batch", "Job", program.namespace, _job_name(program, item)),
            "cancel",
            0,
            "onChange",
            step=_step(program, item),
            opens=True,
            repeatable=True,
            fills=Key("", "PersistentVolumeClaim", program.namespace, claim_name(program, item)),
        )
        for program, item in _shared(programs).values()
    )


def _step(program: Resolved[Any], item: Item) -> str:
    """What is fetched, and for which variant or role, so that no two fetches of a service are called alike."""
    whose = program.part or program.name.removeprefix(root(program)).removeprefix("-")
    return f"{whose}/{item.what}" if whose else item.what


def _shared(programs: tuple[Resolved[Any], ...]) -> Mapping[str, tuple[Resolved[Any], Item]]:
    """By claim, what shared caches keep: once, whoever needs it, with the login and the room of the first that does."""
    found: dict[str, tuple[Resolved[Any], Item]] = {}
    for program in programs:
        for item in fetching.items(program):
            if fetching.way(program, item) is Way.SHARED:
                found.setdefault(claim_name(program, item), (program, item))
    return found


def _job_name(program: Resolved[Any], item: Item) -> str:
    return derived(root(program), "fetch", run_id(program, item).removeprefix(FORMAT)[:HASH_LENGTH])


def _fetching(program: Resolved[Any], **fields: object) -> Resolved[Program]:
    """The service as a program that fetches, under a name of its own: else its address would lead to these pods too.

    It has the service's account, by which clouds know it, and its user and group, which must read what it writes.
    """
    spec, name = program.spec, root(program)
    account = Identity(service_account=spec.identity.service_account or name)
    shared = {"identity": account, "image_pull_secrets": spec.image_pull_secrets}
    plain = Program().model_copy(update={**shared, **fields})
    return replace(
        program,
        name=derived(name, "fetch"),
        component="fetch",
        spec=plain,
        part="",
        parts={},
        accelerator=None,
        runtime=None,
        files={},
        addresses={},
    )


def _claim(program: Resolved[Any], item: Item) -> Manifest:
    storage_class = fetching.cache_of(program, item).binding.storage_class
    asked = Claimed(fetching.room(program, item), storage_class)
    meta = metadata(_fetching(program), claim_name(program, item))
    return manifest(storage.claim(meta, asked), program.origin(item.field))


def _job(program: Resolved[Any], item: Item) -> Manifest:
    """The Job; not with a TTL, as any run, and not in a queue: it asks for no devices."""
    fetcher, secured = fetching.fetcher_of(program, item), program.spec.security
    user = fetcher.run_as_user or secured.run_as_user
    run = _fetching(
        program,
        image=fetcher.image,
        run=script(program, item),
        resources=fetcher.resources,
        volumes={"cache": ClaimVolume(claim=claim_name(program, item), path=AT)},
        security=Security().model_copy(
            update={
                "run_as_user": user,
                "fs_group": secured.fs_group if secured.fs_group is not None else user,
            }
        ),
    )
    which = run_id(program, item)
    template = pod.template(run, variables(program, item), {RUN: which}, restart_policy="Never")
    meta = metadata(run, _job_name(program, item))
    meta["labels"][RUN] = which
    spec = {
        "backoffLimit": RETRIES,
        "podFailurePolicy": {"rules": [{"action": "Ignore", **DISRUPTED}]},
        "template": _called(template, "fetch"),
    }
    return manifest(
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec}, program.origin(item.field)
    )


def _called(template: Object, name: str) -> Object:
    """The template with its container under another name: a patch of the service's pods is not of this one."""
    (main,) = template["spec"]["containers"]
    return {**template, "spec": {**template["spec"], "containers": [{**main, "name": name}]}}
