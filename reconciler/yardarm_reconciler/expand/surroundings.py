"""What a program needs around its pods, whatever kind it is of, in the order in which it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from yardarm_reconciler.expand import claims, files, hosts, monitoring, secrets, storage
from yardarm_reconciler.expand.identity import service_account
from yardarm_reconciler.expand.network import network_policy
from yardarm_reconciler.model.manifest import Manifest, Object
from yardarm_reconciler.model.workload import Resolved


def expand(
    workload: Resolved[Any],
    *,
    together: bool = False,
    ingress: tuple[Object, ...] = (),
    egress: tuple[Object, ...] = (),
) -> Iterator[Manifest]:
    """Account, files, secrets, storage and the ways in and out, for the workload and all its parts.

    Parts that share something make the same object, which stays one: it is of the whole, and of no part.

    Args:
        workload: whose they are.
        together: whether its pods work on one thing, and reach one another.
        ingress: further rules of who may reach them.
        egress: further rules of whom they may reach.
    """
    programs = workload.programs()
    for program in programs:
        shared = replace(program, part="")
        yield from service_account(shared)
        yield from files.config_map(shared)
        yield from storage.claims(shared)
    yield from secrets.external_secrets(workload)
    yield from claims.templates(workload)
    yield network_policy(workload, together=together, besides=ingress, outward=egress)
    yield from hosts.policies(workload)
    for program in programs:
        yield from monitoring.expand(program)
