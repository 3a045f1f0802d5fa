"""A config repository with every kind of workload, as teams write them, in three environments."""

from __future__ import annotations

from pathlib import Path
from string import Template

from tests.integration.git_server import commit, git

ENVIRONMENTS = ("dev", "staging", "production")
TEAMS = 10
DIGEST = "sha256:" + "0f" * 32

ROOT = """\
apiVersion: yardarm.dev/v1alpha1
kind: Repository
spec: {specs: [platform, workloads], platform: [platform]}
"""
ENVIRONMENT = Template("""\
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: $name}
spec:
  cluster: $name
  groups: [all]
  namespaces: {pattern: "{team}-{environment}", manage: true}
  capabilities: [gatewayAPI, envoyGateway, keda, lws, jobset, externalSecrets, prometheusOperator, fqdnEgress]
  gateway: {name: ai, namespace: gateways, host: $name.example.com, proxies: envoy-gateway-system}
  metrics: {prometheus: "http://prometheus.monitoring:9090"}
  accelerators:
    l4-24gb:
      resource: nvidia.com/gpu
      nodes: {nvidia.com/gpu.product: [NVIDIA-L4]}
      tolerate: [nvidia.com/gpu]
      maxPerPod: 8
      perDevice: {cpu: 6, memory: 24Gi, shm: 4Gi}
      pricePerHour: 0.80
    h100-80gb:
      resource: nvidia.com/gpu
      nodes: {nvidia.com/gpu.product: [NVIDIA-H100-80GB-HBM3]}
      tolerate: [nvidia.com/gpu]
      maxPerPod: 8
      perDevice: {cpu: 12, memory: 180Gi, shm: 16Gi}
      pricePerHour: 4.10
  priorities: {high: {pod: ai-high}}
  defaults: {resources: {memory: 1Gi}, scheduling: {spread: node}}
  policy: {registries: [registry.example.com, docker.io/vllm], modelSchemes: [hf, pvc]}
""")
CLASSES = """\
apiVersion: yardarm.dev/v1alpha1
kind: AcceleratorClass
metadata: {name: l4-24gb}
spec: {vendor: nvidia, type: gpu, generation: ada, arch: amd64, memory: 24Gi}
---
apiVersion: yardarm.dev/v1alpha1
kind: AcceleratorClass
metadata: {name: h100-80gb}
spec: {vendor: nvidia, type: gpu, generation: hopper, arch: amd64, memory: 80Gi}
"""
TEAM = Template("""\
apiVersion: yardarm.dev/v1alpha1
kind: Team
metadata: {name: $team}
spec: {paths: ["workloads/$team/**"], secretStore: {kind: ClusterSecretStore, name: vault}}
""")
SERVICE = """\
  image: "registry.example.com/$team/api:1@$digest"
  ports: {http: 8080, metrics: 9090}
  health: {path: /healthz}
  env: {LOG_LEVEL: info, MODEL: $name}
  secrets: {TOKEN: {key: $team/$name}}
  resources: {cpu: 500m, memory: 512Mi}
  network: {ingress: [{namespace: gateways}], egress: [{host: api.example.com, ports: [443]}]}
  monitoring: {interval: 30s}
  scaling: {min: 2, max: 6, metric: cpu, target: 70%, scaleDownDelay: 10m}
  route: {path: /$name, timeout: 2m, auth: {jwt: {issuer: "https://login.example.com", audiences: [api]}}}
  environments:
    all: {}
    production: {env: {LOG_LEVEL: warning}, scaling: {max: 20}}
"""
MODEL_SERVICE = """\
  runtime: vllm
  model: {uri: "pvc://models/$name", name: $name}
  args: {max-model-len: 8192}
  accelerator: l4-24gb
  route: {path: /models/$name, auth: {jwt: {issuer: "https://login.example.com", audiences: [models]}}}
  environments:
    all: {}
    production:
      accelerator: h100-80gb:2
      scaling: {min: 1, max: 3, metric: queueDepth, target: 5}
"""
STREAM_PROCESSOR = """\
  image: "registry.example.com/$team/consumer:1@$digest"
  accelerator: l4-24gb
  source: {kafka: {brokers: ["kafka.streaming:9092"], topic: docs, group: $name}}
  env: {BOOTSTRAP_SERVERS: {from: source.kafka.brokers}, TOPIC: {from: source.kafka.topic}}
  scaling: {min: 0, max: 2, metric: lag, target: 100}
  environments:
    all: {}
    production: {scaling: {max: 4}}
"""
BATCH_JOB = """\
  image: "registry.example.com/$team/embed:1@$digest"
  run: python -m embed --shard "$$YARDARM_SHARD_INDEX" --of "$$YARDARM_SHARDS"
  shards: {count: 16, parallelism: 4, retriesPerShard: 2}
  accelerator: l4-24gb
  deadline: 6h
  scheduling: {priority: high}
  network: {egress: [{cidr: 10.20.0.0/16, ports: [443]}]}
  files: {/etc/embed/config.yaml: {content: "size: 512\\n"}}
  environments:
    dev: {shards: {count: 1}}
    staging: {}
    production: {shards: {parallelism: 8}}
"""
SCHEDULED_JOB = """\
  image: "registry.example.com/$team/eval:1@$digest"
  run: python -m evaluate --tasks "$$TASKS"
  env: {TASKS: "mmlu,gsm8k"}
  schedule: {cron: "0 2 * * *", timeZone: Europe/Berlin, startWithin: 2h}
  volumes: {results: {path: /results, size: 20Gi, access: many}}
  deadline: 4h
  history: 7
  environments:
    dev: {schedule: {cron: "0 2 * * SUN"}}
    staging: {}
    production: {}
"""
TRAINING_JOB = """\
  framework: torch
  nodes: 2
  image: "registry.example.com/$team/train:1@$digest"
  run: torchrun -m train --resume "$$YARDARM_CHECKPOINT_DIR"
  accelerator: h100-80gb:8
  volumes: {state: {path: /state, size: 2Ti, access: many}}
  checkpoint: {volume: state}
  retries: 3
  environments:
    dev: {nodes: 1}
    staging: {}
    production: {nodes: 4}
"""
PIPELINE = """\
  defaults:
    image: "registry.example.com/$team/etl:1@$digest"
    resources: {cpu: 1, memory: 16Gi}
  volumes: {work: {path: /work, size: 100Gi, access: many}}
  steps:
    extract: {run: python -m extract}
    tokenize: {needs: [extract], run: python -m tokenize, shards: {count: 8, parallelism: 4}}
    train: {needs: [tokenize], kind: TrainingJob, framework: torch, nodes: 2, accelerator: "l4-24gb:2", run: torchrun -m t}
    evaluate: {needs: [train], run: python -m evaluate, accelerator: l4-24gb}
  environments:
    all: {}
"""
PATCHED_SERVICE = """\
  image: "registry.example.com/$team/ui:1@$digest"
  ports: {http: 8080}
  health: {path: /healthz}
  replicas: 2
  sidecars: {proxy: {image: "registry.example.com/proxy:1@$digest", resources: {memory: 64Mi}}}
  volumes: {tmp: {path: /scratch, scratch: {size: 1Gi}}}
  patch:
    pod: {spec: {hostAliases: [{ip: 10.0.0.1, hostnames: [legacy]}]}}
    resources: [{target: {kind: Service}, merge: {metadata: {annotations: {example.com/a: b}}}}]
  environments:
    all: {}
    production: {replicas: 3}
"""
RAW_RESOURCES = """\
  manifests:
    - inline: {apiVersion: v1, kind: ConfigMap, metadata: {name: $name}, data: {a: b}}
  environments:
    all: {}
"""
VOLUME = """\
  size: 100Gi
  access: many
  environments:
    dev: {size: 10Gi}
    staging: {}
    production: {}
"""
SPECS = (
    *(("Service", SERVICE), ("ModelService", MODEL_SERVICE), ("StreamProcessor", STREAM_PROCESSOR)),
    *(("BatchJob", BATCH_JOB), ("ScheduledJob", SCHEDULED_JOB), ("TrainingJob", TRAINING_JOB)),
    *(
        ("Pipeline", PIPELINE),
        ("Service", PATCHED_SERVICE),
        ("RawResources", RAW_RESOURCES),
        ("Volume", VOLUME),
    ),
)
"""One after the other, so that each is a tenth of the repository."""


def check_out(repository: Path, specs: int) -> None:
    """Commit so many specs, a tenth of each form, and lay their files out, as a person has them."""
    repository.mkdir(parents=True)
    git(repository, "init", "-q", "-b", "main")
    commit(repository, {path: text.encode() for path, text in files(specs).items()})
    git(repository, "reset", "-q", "--hard")


def files(specs: int) -> dict[str, str]:
    """All files by path: one a workload."""
    made = {"yardarm.yaml": ROOT, "platform/classes.yaml": CLASSES}
    made |= {f"platform/{name}.yaml": ENVIRONMENT.substitute(name=name) for name in ENVIRONMENTS}
    teams = [f"team-{number}" for number in range(TEAMS)]
    made |= {f"platform/{team}.yaml": TEAM.substitute(team=team) for team in teams}
    for number in range(specs):
        kind, spec = SPECS[number % len(SPECS)]
        team, name = teams[number // len(SPECS) % TEAMS], f"w-{number:05d}"
        head = f"apiVersion: yardarm.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}, team: {team}}}\nspec:\n"
        made[f"workloads/{team}/{name}.yaml"] = head + Template(spec).substitute(
            name=name, team=team, digest=DIGEST
        )
    return made
