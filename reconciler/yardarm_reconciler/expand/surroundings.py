"""What a program needs around its pods, whatever kind it is of, in the order in which it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import claims, files, hosts, monitoring, secrets, storage
from yardarm_reconciler.expand.identity import service_account
from yardarm_reconciler.expand.network import network_policy
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.workload import Resolved


def expand(workload: Resolved[Any]) -> Iterator[Manifest]:
    """Account, files, secrets, storage and the ways in and out, for the workload and all its parts.

    Parts that share something make the same object, which stays one.
    """
    programs = workload.programs()
    for program in programs:
        yield from service_account(program)
        yield from files.config_map(program)
        yield from storage.claims(program)
    yield from secrets.external_secrets(workload)
    yield from claims.templates(workload)
    yield network_policy(workload)
    yield from hosts.policies(workload)
    for program in programs:
        yield from monitoring.expand(program)
