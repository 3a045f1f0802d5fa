"""Who a workload's pods are in the cluster, and the hash of all that its manifests are made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.model.manifest import Manifest, Object, canonical, digest, manifest
from yardarm_reconciler.model.node import Node, plain
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.environment import Environment
from yardarm_schema.pod import Rule
from yardarm_schema.workload import Program

RBAC = "rbac.authorization.k8s.io/v1"


def service_account(workload: Resolved[Program]) -> Iterator[Manifest]:
    """An account of its own, with the rights that it was given; only then do its pods get a token."""
    identity = workload.spec.identity
    if identity.service_account is not None:
        return
    meta = metadata(workload, workload.name)
    meta["annotations"] |= identity.annotations
    body = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": meta,
        "automountServiceAccountToken": False,
    }
    origin = workload.origin("spec.identity")
    yield manifest(body, origin)
    if identity.rules:
        rbac = {"apiVersion": RBAC, "metadata": metadata(workload, workload.name)}
        yield manifest({**rbac, "kind": "Role", "rules": [_rule(each) for each in identity.rules]}, origin)
        account = {"kind": "ServiceAccount", "name": workload.name, "namespace": workload.namespace}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": workload.name}
        yield manifest({**rbac, "kind": "RoleBinding", "roleRef": role, "subjects": [account]}, origin)


def _rule(rule: Rule) -> Object:
    """Rights as a Role has them."""
    names = {"resourceNames": list(rule.names)} if rule.names else {}
    return {"apiGroups": [rule.group], "resources": list(rule.resources), "verbs": list(rule.verbs), **names}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an environment adds to the input of its workloads, as canonical JSON that is made once for all of them."""

    environment: bytes
    bindings: Mapping[str, bytes]


def inputs(environment: Environment) -> Inputs:
    """The parts of an environment that manifests are rendered from."""
    return Inputs(
        canonical(
            {
                "namespaces": environment.namespaces.model_dump(mode="json"),
                "groups": environment.groups,
                "capabilities": sorted(environment.capabilities),
                "metrics": environment.metrics.prometheus if environment.metrics else None,
                "priorities": {
                    name: each.model_dump(mode="json") for name, each in environment.priorities.items()
                },
                "queues": {name: each.cluster_queue for name, each in environment.queues.items()},
                "topologies": dict(environment.topologies.items()),
                "resources": {name: each.resource for name, each in environment.accelerators.items()},
                "localSSD": environment.local_ssd,
                "isolation": dict(environment.isolation.items()),
                "accounting": {
                    name: each.model_dump(mode="json") for name, each in environment.accounting.items()
                },
                "gateway": environment.gateway and environment.gateway.model_dump(mode="json"),
                "endpointPicker": environment.endpoint_picker
                and environment.endpoint_picker.model_dump(mode="json"),
                "fabrics": {name: each.model_dump(mode="json") for name, each in environment.fabrics.items()},
            }
        ),
        {name: canonical(each.model_dump(mode="json")) for name, each in environment.accelerators.items()},
    )


def input_hash(workload: Resolved[Any], given: Inputs) -> str:
    """Hash what the manifests are rendered from: merged spec, files, and the parts of the platform that are used."""
    programs = workload.programs()
    used = {
        "id": workload.id,
        "path": workload.origin().path,
        "environment": workload.environment_name,
        "namespace": workload.namespace,
        "platform": orjson.Fragment(given.environment),
        "document": _said(workload.node),
        "files": {path: digest(data) for each in programs for path, data in each.files.items()},
        "accelerators": [
            [program.part, each.class_name, each.count, orjson.Fragment(given.bindings[each.class_name])]
            for program in programs
            if program.accelerator
            for each in (program.accelerator, *program.accelerator.alternatives)
        ],
        "addresses": sorted(
            found.text(asked) for each in programs for asked, found in each.addresses.items()
        ),
        "queues": workload.team_spec.queues,
        "secretStore": workload.team_spec.secret_store
        and workload.team_spec.secret_store.model_dump(mode="json"),
        "raw": [plain(node) for node in workload.raw],
        "runs": [each.run_id for each in programs],
        **_caches(programs),
        "runtimes": [_said(each.runtime.node) for each in programs if each.runtime is not None],
    }
    return digest(canonical(used))


def _caches(programs: Iterable[Resolved[Program]]) -> Mapping[str, object]:
    """The cache classes that are used, where any is."""
    used = {name: each for program in programs for name, each in program.caches.items()}
    said = {
        name: [_said(each.node), each.binding.model_dump(mode="json")] for name, each in sorted(used.items())
    }
    return {"caches": said} if said else {}


def _said(node: Node) -> object:
    """The document without Yardarm's own defaults, which belong to the renderer and stand in no file."""
    if not isinstance(node.value, dict):
        return plain(node)
    return {key: _said(entry.node) for key, entry in node.value.items() if entry.place.path}
