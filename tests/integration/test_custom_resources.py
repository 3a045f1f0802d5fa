"""Other projects' kinds on our API server: where their definitions come from, and that they are strict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from tests.controlplane import definitions as module
from tests.controlplane.client import Object
from tests.controlplane.custom_resources import install
from tests.controlplane.definitions import definitions, projects
from tests.controlplane.discovery import discover
from tests.controlplane.environment import Environment
from tests.controlplane.toolchain import GoError
from yardarm_schema.capabilities import Capability

WITHOUT_KINDS = {"imageVolume", "dra", "activator"}
"""Capabilities of Kubernetes itself, or of a gateway whose objects we do not write."""

MISSPELT = "misspelt"


def test_every_capability_that_has_kinds_can_be_installed():
    """The catalogue's keys are the words of Environment.capabilities; it has three projects more, to read pods of."""
    assert set(projects()) - {"kserve", "trainingOperator", "sparkOperator"} == (
        set(get_args(Capability)) - WITHOUT_KINDS
    )


def test_a_module_that_is_not_what_it_was_is_refused(monkeypatch, tmp_path):
    """The hash of a module's zip is compared with the catalogue's, as `go` does with go.sum."""
    (project,) = [each for name, each in projects().items() if name == "jobset"]
    answer = {"Path": project.module, "Sum": "h1:other", "Dir": str(tmp_path)}
    monkeypatch.setattr(module, "find_go", lambda: "go")
    monkeypatch.setattr(module, "run_go", lambda *_: json.dumps(answer))

    with pytest.raises(GoError, match="h1:other"):
        module._download(tmp_path, [project])


@pytest.fixture(scope="module")
def complete(platform: Environment) -> Environment:
    """The platform with all custom resources."""
    install(platform, projects())
    return platform


@pytest.mark.timeout(600)  # the first one waits for all definitions
@pytest.mark.parametrize("capability", projects())
def test_a_misspelt_field_is_refused_by_every_kind(complete: Environment, capability: str):
    """At the top, in the spec and in the containers of every pod template, in every version."""
    with complete.api(timeout_seconds=60) as api:
        served = discover(api)
        for definition in definitions([capability]):
            for body, field in misspelt(definition):
                answer = api.apply(served.path(body, "default"), body, fieldValidation="Strict", dryRun="All")
                assert f"{field}: field not declared in schema" in answer.message, (field, body)


def misspelt(definition: Object) -> Iterator[tuple[Object, str]]:
    """Objects with one field that the definition does not have, and the field as the server shows it."""
    spec = definition["spec"]
    for version in spec["versions"]:
        head = {"apiVersion": f"{spec['group']}/{version['name']}", "kind": spec["names"]["kind"]}
        schema = version["schema"]["openAPIV3Schema"]
        for steps in [(), *([("spec",)] if "spec" in schema["properties"] else []), *_containers(schema)]:
            yield {**head, "metadata": {"name": "probe"}, **_with(schema, steps)}, f".{MISSPELT}"


def _containers(schema: Any, *steps: str) -> Iterator[tuple[str, ...]]:
    """The ways to a container in every pod template: names of properties, `[]` into lists, `{}` into maps."""
    for name, each in schema.get("properties", {}).items():
        if name == "containers" and "items" in each:
            yield (*steps, name, "[]")
        elif (*steps, name) != ("status",):
            yield from _containers(each, *steps, name)
    for key, step in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(schema.get(key), dict):
            yield from _containers(schema[key], *steps, step)


def _with(schema: Any, steps: tuple[str, ...]) -> Any:
    """The smallest value that has the misspelt field at the end of the steps, and the keys of lists on the way."""
    match steps:
        case ():
            return {MISSPELT: 1}
        case ("[]", *rest):
            keys = schema.get("x-kubernetes-list-map-keys", [])
            return [{**dict.fromkeys(keys, "main"), **_with(schema["items"], tuple(rest))}]
        case ("{}", *rest):
            return {"main": _with(schema["additionalProperties"], tuple(rest))}
        case (name, *rest):
            return {name: _with(schema["properties"][name], tuple(rest))}
