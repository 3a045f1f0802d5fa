"""Secrets by reference: an existing Secret, or one that External Secrets fills from the team's store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yardarm_reconciler.expand import capabilities
from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.expand.names import part_name
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.container import Secret, SecretKey, StoreKey
from yardarm_schema.workload import Program

NO_STORE = Code(
    "reference/no-secret-store",
    title="The team has no secret store",
    why="Team.secretStore says where the values of its secrets come from; a key alone names nothing.",
    bad="secrets: {HF_TOKEN: {key: nlp/hf}} of a team without secretStore",
    good="secrets: {HF_TOKEN: {secret: hf, key: token}}",
)
TWICE = Code(
    "field/variable-twice",
    title="A variable is given twice",
    why="Only one of the two values could reach the program, and nothing says which.",
    bad="env: {TOKEN: a}, secrets: {TOKEN: {secret: s, key: k}}",
    good="secrets: {TOKEN: {secret: s, key: k}}",
)

EXISTING = "refer to an existing Secret: {secret: name, key: key}"
REFRESH = "1h"
"""How often the operator looks for a new value: its own default."""


def check(workload: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with the secrets of any of a pod's containers."""
    for given in _given(workload):
        for name, secret in given.secrets.items():
            place = f"{given.field}.{name}"
            if name in given.env:
                yield TWICE.at(workload.origin(place), f"{name} is also in env", field=place)
            if not isinstance(secret, StoreKey):
                continue
            yield from capabilities.require(workload, place, "externalSecrets", what=f"{name} from a store")
            if workload.team_spec.secret_store is None:
                message = f"team {workload.team} has no secretStore"
                yield NO_STORE.at(workload.origin(place), message, fix=EXISTING, field=place)


@dataclass(frozen=True, slots=True)
class Given:
    """What one container is given: ``field`` holds its secrets, ``prefix`` tells their keys from other containers'."""

    field: str
    prefix: str
    env: Mapping[str, Any]
    secrets: Mapping[str, Secret]


def _given(workload: Resolved[Program]) -> Iterator[Given]:
    """For each container of a pod."""
    spec = workload.spec
    yield Given("spec.secrets", "", spec.env, spec.secrets)
    for name, sidecar in spec.sidecars.items():
        yield Given(f"spec.sidecars.{name}.secrets", f"{name}.", sidecar.env, sidecar.secrets)
    for name, before in spec.init_containers.items():
        yield Given(f"spec.initContainers.{name}.secrets", f"{name}.", before.env, before.secrets)


def _from_store(workload: Resolved[Program]) -> dict[str, StoreKey]:
    """What comes from the store, by its key in the Secret that is made of it."""
    return {
        f"{given.prefix}{name}": each
        for given in _given(workload)
        for name, each in given.secrets.items()
        if isinstance(each, StoreKey)
    }


def reference(workload: Resolved[Program], key: str, secret: Secret) -> Object:
    """A variable by reference; ``key`` is its place in the Secret that is filled from the store."""
    if isinstance(secret, SecretKey):
        return {"valueFrom": {"secretKeyRef": {"name": secret.secret, "key": secret.key}}}
    return {"valueFrom": {"secretKeyRef": {"name": _name(workload), "key": key}}}


def _name(workload: Resolved[Program]) -> str:
    return part_name(workload, "secrets")


def external_secrets(workload: Resolved[Any]) -> Iterator[Manifest]:
    """One ExternalSecret for each program with values from the store."""
    for program in workload.programs():
        keys, store = _from_store(program), workload.team_spec.secret_store
        if not keys or store is None:
            continue
        body = {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": metadata(workload, _name(program)),
            "spec": {
                "refreshInterval": REFRESH,
                "secretStoreRef": {"kind": store.kind, "name": store.name},
                "target": {"name": _name(program)},
                "data": [
                    {"secretKey": name, "remoteRef": _remote(secret)} for name, secret in sorted(keys.items())
                ],
            },
        }
        yield manifest(body, program.origin("spec.secrets"))


def _remote(secret: StoreKey) -> Object:
    return {"key": secret.key, **({"property": secret.property} if secret.property is not None else {})}
