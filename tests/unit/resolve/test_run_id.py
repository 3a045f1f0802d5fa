"""The id of a run: what changes it, what must not, and the ids that every release must reproduce."""

import pytest

from tests.rendering import render
from tests.trees import MemoryTree

PLATFORM = """
apiVersion: yardarm.dev/v1alpha1
kind: AcceleratorClass
metadata: {name: l4-24gb}
spec: {vendor: nvidia, type: gpu}
---
apiVersion: yardarm.dev/v1alpha1
kind: Team
metadata: {name: nlp}
spec: {paths: [workloads], defaults: TEAM_DEFAULTS}
---
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: production}
spec:
  cluster: prod
  accelerators: {l4-24gb: {resource: nvidia.com/gpu, tolerate: [TOLERATE], perDevice: {memory: 24Gi}}}
  priorities: {high: {pod: high}}
  capabilities: [jobset]
"""
JOB = """
apiVersion: yardarm.dev/v1alpha1
kind: BatchJob
metadata: {name: job, team: nlp, labels: {a: b}}
spec:
  image: registry.example.com/nlp/job:1
  environments: {production: {}}
"""
COMMAND = "  command: [work, --fast]\n  args: [a, b]\n"
FULL = (
    COMMAND
    + '  env: {A: "1", B: {secret: s, key: k}, C: {config: c, key: k}, D: {field: status.podIP}}\n'
    + "  files: {/a: {content: x}, /b: {path: workloads/b.txt}}\n"
    + "  accelerator: l4-24gb:2\n"
    + "  shards: {count: 8, parallelism: 2}\n"
    + "  rerun: r2\n"
)


def run_id(
    fields: str, *, base: str = JOB, team_defaults: str = "{}", tolerate: str = "a", content: bytes = b"y"
) -> str:
    """The run id of a job with some more fields."""
    platform = PLATFORM.replace("TEAM_DEFAULTS", team_defaults).replace("TOLERATE", tolerate)
    files = {
        "yardarm.yaml": b"apiVersion: yardarm.dev/v1alpha1\nkind: Repository\n"
        b"spec: {specs: [environments, workloads], platform: [environments]}\n",
        "environments/all.yaml": platform.encode(),
        "workloads/job.yaml": (base + fields).encode(),
        "workloads/b.txt": content,
    }
    rendered = render(MemoryTree(files), "production")
    (job,) = [each for each in rendered.workloads if each.id.endswith("/nlp/job")]
    (run,) = job.runs
    return run.id


MEMORY = "  resources: {memory: 30Gi}\n"

TRAINING = JOB.replace("BatchJob", "TrainingJob")
ON_NODES = (
    "  framework: torch\n  nodes: 4\n  procsPerNode: 2\n  accelerator: l4-24gb:2\n  run: torchrun train.py\n"
)
ON_SLICES = "  framework: jax\n  nodes: 2\n  slices: 2\n  run: python train.py\n"
WITH_ROLES = (
    "  framework: torch\n  run: ./train\n"
    "  roles: {head: {leader: true, run: ./lead}, worker: {nodes: 2, accelerator: l4-24gb}}\n"
)
GOLDEN_TRAININGS = {
    "": "r1-c08e9a98878d7b70f88b12ef8d8dc65b",
    ON_NODES: "r1-1d38ddc23158a37632c88d94feea0405",
    ON_SLICES: "r1-6187c8d375430ee18eafa99ea7f19cb6",
    WITH_ROLES: "r1-fc6b4a36d11eb2c4fa839b92a9a132f1",
}
"""As :data:`GOLDEN`, of trainings. That of an image alone is that of any other job: it computes the same."""

GOLDEN = {
    "": "r1-c08e9a98878d7b70f88b12ef8d8dc65b",
    COMMAND: "r1-e2f0907c8f49a7bdb2a276444a2e0f22",
    "  run: ./work\n": "r1-f8b4570b714e7cae16af78e35f70747c",
    FULL: "r1-f647bacd650f5c94ba7132171e1efc41",
}
"""Ids by what was asked to compute. They must never change: a release that changes one runs every job again,
on accelerators, for days, in every cluster. A new field of specs may not appear in the id unless it is set."""


@pytest.mark.parametrize("fields", GOLDEN, ids=["image", "command", "script", "full"])
def test_ids_never_change(fields):
    """Every release computes these very ids."""
    assert run_id(MEMORY + fields) == GOLDEN[fields]


@pytest.mark.parametrize("fields", GOLDEN_TRAININGS, ids=["image", "nodes", "slices", "roles"])
def test_ids_of_trainings_never_change(fields):
    """Every release computes these very ids."""
    assert run_id(MEMORY + fields, base=TRAINING) == GOLDEN_TRAININGS[fields]


@pytest.mark.parametrize(
    "fields",
    [
        "  nodes: 1\n  slices: 1\n  framework: none\n",
        "  backend: job\n  retries: 3\n  deadline: 3h\n",
        "  volumes: {data: {path: /data, size: 1Gi}}\n  checkpoint: {volume: data}\n",
    ],
)
def test_how_a_training_runs_is_not_what_it_computes(fields):
    """Where it saves its state, what runs it, and a word for what is taken for granted, start nothing again."""
    assert run_id(MEMORY + fields, base=TRAINING) == run_id(MEMORY, base=TRAINING)


@pytest.mark.parametrize(
    "fields", ["  nodes: 2\n", "  framework: torch\n", "  framework: torch\n  procsPerNode: 2\n"]
)
def test_how_many_compute_a_training_is_part_of_it(fields):
    """A model that was trained on two nodes is another one."""
    assert run_id(MEMORY + fields, base=TRAINING) != run_id(MEMORY, base=TRAINING)


@pytest.mark.parametrize(
    "role", ["{run: ./lead, leader: true, nodes: 2}", "{run: ./other, leader: true}", "{run: ./lead}"]
)
def test_what_a_role_does_is_part_of_the_run(role):
    """Its program, how many there are of it and whether it leads."""
    roles = f"  roles: {{head: {role}, worker: {{nodes: 2, leader: {'false' if 'leader' in role else 'true'}}}}}\n"
    same = "  roles: {head: {run: ./lead, leader: true}, worker: {nodes: 2, leader: false}}\n"
    assert run_id(MEMORY + roles, base=TRAINING) != run_id(MEMORY + same, base=TRAINING)


def test_memory_of_a_role_is_no_part_of_the_run():
    """As for every other job."""
    roles = "  roles: {{head: {{run: ./lead, resources: {{memory: {}}}}}}}\n"
    ids = {run_id(MEMORY + roles.format(size), base=TRAINING) for size in ("1Gi", "2Gi")}
    assert len(ids) == 1


@pytest.mark.parametrize(
    "fields",
    [
        "  resources: {memory: 31Gi, cpu: 3}\n",
        MEMORY + "  scheduling: {spread: zone, priority: high, spot: true}\n",
        MEMORY + "  security: {runAsUser: 7}\n",
        MEMORY + "  volumes: {data: {path: /data, size: 1Gi}}\n",
        MEMORY + "  network: {egress: [{cidr: 10.0.0.0/8}]}\n",
        MEMORY + "  retries: 3\n  deadline: 3h\n  history: 9\n  overlap: cancel\n",
        MEMORY + "  rerun: never\n",
        MEMORY + "  rerun: onChange\n",
        MEMORY + "  identity: {annotations: {a: b}}\n  shutdown: {grace: 9s}\n  imagePullSecrets: [a]\n",
        MEMORY + "  env: {}\n  args: []\n  files: {}\n",
    ],
)
def test_what_does_not_change_the_result_does_not_change_the_id(fields):
    """Resources, scheduling, storage, network and when to run are not what is computed."""
    assert run_id(fields) == run_id(MEMORY)


@pytest.mark.parametrize(
    "fields",
    [
        "  command: [work]\n",
        "  args: [a]\n",
        "  run: work\n",
        '  env: {A: "1"}\n',
        "  files: {/a: {content: x}}\n",
        "  accelerator: l4-24gb\n",
        "  shards: {count: 2}\n",
        "  rerun: again\n",
    ],
)
def test_what_changes_the_result_changes_the_id(fields):
    """Program, variables, files, devices, shards and a token each start a new run."""
    assert run_id(MEMORY + fields) != run_id(MEMORY)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("  accelerator: l4-24gb\n", "  accelerator: {class: l4-24gb, count: 1}\n"),
        ("  accelerator: l4-24gb:3\n", "  accelerator: {count: 3, class: l4-24gb}\n"),
        ("  files: {/a: {content: y}}\n", "  files: {/a: {path: workloads/b.txt}}\n"),
        ("  shards: {count: 4}\n", "  shards: {count: 4, parallelism: 2, retriesPerShard: 1}\n"),
    ],
)
def test_short_and_long_forms_are_the_same_run(short, long):
    """How something is written is not what is computed."""
    assert run_id(MEMORY + short) == run_id(MEMORY + long)


def test_an_override_counts_as_if_it_were_in_the_spec():
    """What is promoted from an override to the spec runs again nowhere."""
    overridden = JOB.replace("{production: {}}", '{production: {env: {A: "1"}}}')
    assert run_id(MEMORY, base=overridden) == run_id(MEMORY + '  env: {A: "1"}\n')


def test_the_platform_starts_no_run():
    """A new toleration, or a default of the team, never runs a job again."""
    fields = "  accelerator: l4-24gb\n"
    changed = run_id(fields, tolerate="b", team_defaults="{scheduling: {spread: node}, resources: {cpu: 2}}")
    assert changed == run_id(fields)


def test_the_bytes_of_a_file_are_part_of_the_run():
    """Another content under the same name is another computation."""
    fields = MEMORY + "  files: {/b: {path: workloads/b.txt}}\n"
    assert run_id(fields, content=b"z") != run_id(fields, content=b"y")
