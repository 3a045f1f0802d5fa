"""What is promoted: the versions of what runs, wherever they are written, and nothing that environments differ in."""

from __future__ import annotations

import pytest

from tests.trees import MemoryTree
from yardarm_reconciler.edit.images import image_path
from yardarm_reconciler.edit.layers import alone, keys_of, said_for
from yardarm_reconciler.edit.promotion import kept, steps
from yardarm_reconciler.load import load
from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.model.document import Specs, WorkloadSpec
from yardarm_reconciler.model.node import Node, plain
from yardarm_reconciler.validate import validate

REPOSITORY = """
apiVersion: yardarm.dev/v1alpha1
kind: Repository
spec: {specs: [platform, workloads], platform: [platform]}
"""
PLATFORM = """
apiVersion: yardarm.dev/v1alpha1
kind: Team
metadata: {name: nlp}
spec: {paths: ["workloads/**"]}
---
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: staging}
spec: {cluster: staging, groups: [all, live]}
---
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: production}
spec: {cluster: production, groups: [all]}
"""


def node(text: str) -> Node:
    """The one document of a text."""
    return compose("a.yaml", text.encode()).value[0]


def workload(kind: str, spec: str) -> tuple[Specs, WorkloadSpec]:
    """One workload of nlp, in its repository."""
    document = (
        f"apiVersion: yardarm.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: a, team: nlp}}\nspec: {spec}\n"
    )
    files = {"yardarm.yaml": REPOSITORY, "platform/all.yaml": PLATFORM, "workloads/a.yaml": document}
    specs = validate(load(MemoryTree(files)).value).value
    return specs, specs.workloads[0]


@pytest.mark.parametrize(
    ("kind", "source", "target", "promoted"),
    [
        ("Service", "{image: a:2, replicas: 1}", "{image: a:1, replicas: 3}", {"image": "a:2"}),
        ("Service", "{image: a:2}", "{image: a:2, replicas: 3}", {}),
        ("ModelService", "{image: a:2, runtime: vllm}", "{runtime: vllm}", {"image": "a:2"}),
        ("ModelService", "{runtime: vllm}", "{image: a:2, runtime: vllm}", {"image": None}),
        (
            "ModelService",
            "{model: {uri: 'hf://a/b@2', cache: node, adapters: {x: {uri: 'hf://a/x@2', rank: 8}}}}",
            "{model: {uri: 'hf://a/b@1', cache: shared, adapters: {x: {uri: 'hf://a/x@1', rank: 16}}}}",
            {"model.uri": "hf://a/b@2", "model.adapters.x.uri": "hf://a/x@2"},
        ),
        ("ModelService", "{models: {x: {uri: s3://b/2}}}", "{models: {x: {uri: s3://b/1}, y: {uri: s3://b/1}}}",
         {"models.x.uri": "s3://b/2"}),
        ("Service", "{image: a:1, sidecars: {p: {image: p:2}, q: {image: q:2}}}", "{image: a:1, sidecars: {p: {image: p:1}}}",
         {"sidecars.p.image": "p:2"}),
        ("Service", "{image: a:1, volumes: {d: {path: /d, image: d:2}}}", "{image: a:1, volumes: {d: {path: /d, image: d:1}}}",
         {"volumes.d.image": "d:2"}),
        ("Pipeline", "{defaults: {image: a:2}, steps: {x: {image: x:2}, y: {}}}",
         "{defaults: {image: a:1}, steps: {x: {image: x:1}, y: {}}}", {"defaults.image": "a:2", "steps.x.image": "x:2"}),
        ("Service", "{image: a:1, env: {image: x}, patch: {pod: {image: x}}}", "{image: a:1}", {}),
    ],
)  # fmt: skip
def test_versions_are_promoted(kind: str, source: str, target: str, promoted: dict[str, str | None]):
    """Images and models of a workload and of its parts that both have; how a model is kept is each environment's own."""
    found = steps(kind, node(source), node(target))

    assert {".".join(step.path): step.value for step in found} == promoted


def test_what_stays_different_is_known():
    """After the promotion, by the fields of the spec."""
    source, target = (
        node("{image: a:2, replicas: 1, run: x}"),
        node("{image: a:1, replicas: 3, run: x, args: [b]}"),
    )

    assert kept(source, target, steps("Service", source, target)) == ("replicas", "args")


def test_an_environment_has_what_its_groups_and_itself_say():
    """In the order of its groups, itself last; another environment has none of it."""
    overrides = "{staging: {replicas: 5}, live: {replicas: 4, args: [live]}, all: {replicas: 3, args: [all]}}"
    specs, spec = workload("Service", f"{{image: a:1, replicas: 1, environments: {overrides}}}")

    said = {name: said_for(spec, keys_of(specs, name)).value for name in ("staging", "production")}

    assert plain(said["staging"]) == {"image": "a:1", "replicas": 5, "args": ["live"]}
    assert plain(said["production"]) == {"image": "a:1", "replicas": 3, "args": ["all"]}
    assert plain(alone(spec)) == {"image": "a:1", "replicas": 1}


def test_a_workload_is_not_taken_to_where_it_does_not_run():
    """The refusal is at its list of environments."""
    specs, spec = workload("Service", "{image: a:1, environments: {staging: {}}}")

    found = said_for(spec, keys_of(specs, "production"))

    assert found.value is None
    assert [(each.code.name, each.field, each.place.column) for each in found.diagnostics] == [
        ("edit/not-there", "spec.environments", 20)
    ]


@pytest.mark.parametrize(
    ("kind", "spec", "part", "where"),
    [
        ("Service", "{image: a:1}", "", "image"),
        ("Pipeline", "{defaults: {image: a:1}, steps: {x: {}}}", "", "defaults.image"),
        ("Pipeline", "{defaults: {sidecars: {p: {}}}, steps: {x: {}}}", "x", "steps.x.image"),
        ("Pipeline", "{defaults: {sidecars: {p: {}}}, steps: {x: {}}}", "p", "defaults.sidecars.p.image"),
        ("TrainingJob", "{roles: {leader: {}}}", "leader", "roles.leader.image"),
        ("Service", "{sidecars: {p: {}}, initContainers: {p: {}}}", "p", "edit/part"),
        ("Service", "{sidecars: {p: {}}, initContainers: {p: {}}}", "sidecars.p", "sidecars.p.image"),
        ("Service", "{image: a:1}", "p", "edit/part"),
        ("Volume", "{size: 1Gi}", "", "edit/no-image"),
        ("RawResources", "{manifests: []}", "", "edit/no-image"),
    ],
)
def test_an_image_is_where_its_kind_has_it(kind: str, spec: str, part: str, where: str):
    """Of the workload, of what all its steps share, or of one part; two of one name are told apart by their field."""
    _, found_spec = workload(kind, spec)

    found = image_path(found_spec, node(spec), part)

    assert (".".join(found.value) if found.value else found.diagnostics[0].code.name) == where
