"""One rich valid document of every kind, as JSON trees."""

from __future__ import annotations

from typing import Any

from yardarm_schema.kinds import WORKLOADS

POD: dict[str, Any] = {
    "image": "registry.example.com:5000/nlp/api:1.4@sha256:" + "0a" * 32,
    "command": ["/bin/serve"],
    "args": ["--port", "8080"],
    "env": {
        "A": "text",
        "B": {"secret": "login", "key": "token"},
        "C": {"config": "settings", "key": "a.b"},
        "D": {"field": "metadata.labels['app']"},
        "E": {"service": "search/qdrant", "port": "http", "path": "/v1", "scheme": "none"},
    },
    "secrets": {"F": {"key": "nlp/hf", "property": "token"}, "G": {"secret": "hf", "key": "token"}},
    "sidecars": {
        "proxy": {
            "image": "registry.example.com/proxy:1",
            "args": ["--port", "9901"],
            "env": {"A": "text"},
            "secrets": {"B": {"key": "a"}},
            "ports": {"proxy": 9901},
            "health": {"path": "/ready", "port": "proxy"},
            "resources": {"memory": "64Mi"},
            "mounts": {"data": "/data", "old": {"path": "/old", "readOnly": True, "subPath": "a"}},
        }
    },
    "initContainers": {"migrate": {"run": "migrate", "resources": {"memory": "64Mi"}}},
    "monitoring": {
        "path": "/metrics",
        "port": "metrics",
        "interval": "30s",
        "alerts": {"down": {"expr": "up == 0", "for": "5m", "severity": "critical", "summary": "down"}},
    },
    "isolation": "gvisor",
    "patch": {
        "pod": {"spec": {"hostAliases": [{"ip": "10.0.0.1"}]}},
        "resources": [
            {"target": {"kind": "Service"}, "merge": {"spec": {"type": "ClusterIP"}}},
            {"target": {"kind": "Job", "name": "a"}, "json": [{"op": "add", "path": "/spec/a", "value": 1}]},
        ],
    },
    "files": {"/etc/app/a.yaml": {"content": "a: 1\n"}, "/etc/app/b": {"path": "prompts/b.txt"}},
    "volumes": {
        "data": {"path": "/data", "size": "10Gi", "class": "fast", "access": "many", "perReplica": True},
        "old": {"path": "/old", "claim": "old-data", "readOnly": True, "subPath": "a/b"},
        "tmp": {"path": "/scratch/x", "scratch": {"size": "1Gi", "medium": "memory"}},
        "keys": {"path": "/keys", "secret": "keys"},
        "conf": {"path": "/conf", "config": "conf"},
        "shared": {"path": "/shared", "volume": "cache"},
        "bucket": {"path": "/bucket", "bucket": "gs://models/llama"},
        "image": {"path": "/image", "image": "registry.example.com/data:1"},
        "local": {"path": "/local", "scratch": {"size": "1Gi", "medium": "localSSD"}},
    },
    "resources": {
        "cpu": 0.5,
        "memory": "16Gi",
        "shm": "1Gi",
        "ephemeral": "1e9",
        "cpuLimit": "1500m",
        "hugepages": {"2Mi": "1Gi"},
    },
    "accelerator": "h100-80gb:2",
    "health": {"path": "/health", "port": "http", "live": "/live"},
    "ports": {"http": 8080, "dns": {"port": 53, "protocol": "UDP"}},
    "scheduling": {
        "spot": True,
        "spread": "zone",
        "priority": "high",
        "queue": "nlp",
        "topology": {"level": "rack", "mode": "required", "exclusive": True},
    },
    "identity": {"serviceAccount": "builder", "annotations": {"example.com/role": "any text"}},
    "security": {"runAsUser": 1000, "fsGroup": 1000, "readOnlyRoot": True},
    "shutdown": {"grace": "1m30s", "preStop": ["sleep", "5"]},
    "dependsOn": ["BatchJob/index"],
    "imagePullSecrets": ["registry-login"],
    "network": {
        "ingress": [{"workload": "web", "team": "search"}, {"namespace": "gateways"}],
        "egress": [
            {"cidr": "10.0.0.0/8", "ports": [5432]},
            {"workload": "db", "ports": [5432]},
            {"namespace": "data", "ports": [9000]},
            {"host": "*.example.com"},
        ],
        "fabric": "rdma",
    },
}
METADATA = {
    "name": "api",
    "team": "nlp",
    "labels": {"example.com/tier": "a"},
    "annotations": {"note": "any text"},
}
DEFAULTS = {"scheduling": {"spread": "node"}, "startup": {"timeout": "30m"}, "imagePullSecrets": ["login"]}
SPECS: dict[str, dict[str, Any]] = {
    "Service": {
        **POD,
        "variants": {"canary": {"weight": 10, "args": ["--next"]}, "shadow": {"mirror": 5}},
        "scaling": {
            "min": 0,
            "max": 4,
            "metrics": [
                {"metric": "cpu", "target": "70%"},
                {"metric": {"query": "sum(waiting)"}, "target": 5},
                {
                    "cron": {
                        "start": "0 8 * * MON-FRI",
                        "end": "0 18 * * *",
                        "timeZone": "Europe/Berlin",
                        "replicas": 2,
                    }
                },
            ],
            "scaleDownDelay": "10m",
        },
        "rollout": {"surge": 1, "unavailable": "25%"},
        "route": {
            "host": "api.example.com",
            "path": "/api/v1",
            "headers": {"x-tenant": "gold"},
            "models": ["Qwen/Qwen3-32B"],
            "timeout": "10m",
            "auth": {
                "jwt": {
                    "issuer": "https://login.example.com",
                    "jwksUri": "https://login.example.com/keys",
                    "audiences": ["models"],
                    "allow": {"claims": {"realm_access.roles": ["reader"]}, "scopes": ["models:read"]},
                    "claimToHeaders": {"sub": "x-user"},
                }
            },
        },
        "startup": {"timeout": "30m"},
        "environments": {"production": {}},
    },
    "RawResources": {
        "manifests": [
            {"path": "manifests/a.yaml"},
            {"inline": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}},
        ],
        "network": {
            "ingress": [{"namespace": "gateways"}],
            "egress": [{"cidr": "10.0.0.0/28", "ports": [443]}],
        },
        "environments": {"production": {}},
    },
    "Volume": {"size": "1Ti", "class": "shared", "access": "many", "environments": {"production": {}}},
    "StreamProcessor": {
        **POD,
        "env": {**POD["env"], "BROKERS": {"from": "source.kafka.brokers"}},
        "source": {
            "kafka": {
                "brokers": ["kafka.streaming:9092"],
                "topic": "docs",
                "group": "embed",
                "auth": {
                    "sasl": {
                        "mechanism": "scram-sha-512",
                        "username": {"secret": "kafka", "key": "user"},
                        "password": {"secret": "kafka", "key": "password"},
                    },
                    "tls": {"ca": {"secret": "kafka-ca", "key": "ca.crt"}},
                },
            }
        },
        "scaling": {"min": 0, "max": 8, "metric": "lag", "target": 100},
        "rollout": {"surge": 1, "unavailable": "25%"},
        "startup": {"timeout": "30m"},
        "environments": {"production": {}},
    },
    "ModelService": {
        **POD,
        "runtime": "vllm",
        "args": {
            "max-model-len": 4096,
            "gpu-memory-utilization": 0.8,
            "enable-prefix-caching": True,
            "tensor-parallel-size": {"from": "parallelism.tensor", "unless": 1},
            "stop": ["a", 2, 0.5],
            "speculative-config": {"method": "ngram", "tokens": [1, None]},
        },
        "models": {
            "big": {
                "uri": "hf://Qwen/Qwen3-8B@" + "0a" * 20,
                "name": "Qwen/Qwen3-8B",
                "adapters": {"sql": {"uri": "s3://models/sql", "rank": 16}},
                "cache": "shared",
                "credentials": "hf",
                "format": "safetensors",
            },
            "own": {"uri": "pvc://weights/own"},
        },
        "data": {"prompts": {"uri": "pvc://prompts/v1", "path": "/prompts"}},
        "replicas": 2,
        "rollout": {"surge": 0, "unavailable": 1},
        "startup": {"timeout": "30m"},
        "variants": {"canary": {"weight": 10, "args": {"max-model-len": 8192}}, "shadow": {"mirror": 5}},
        "route": {"path": "/big", "auth": {"apiKey": {"secret": "keys", "header": "x-key"}}},
        "nodes": 2,
        "router": "inferencePool",
        "parallelism": {"tensor": 2, "pipeline": 2, "data": 1, "expert": True},
        "environments": {"production": {}},
    },
    "BatchJob": {
        **POD,
        "health": {"exec": ["true"], "live": ["true"]},
        "accelerator": {"class": "h100-80gb", "count": 2},
        "shards": {"count": 8, "parallelism": 4, "retriesPerShard": 1},
        "retries": 3,
        "deadline": "6h",
        "rerun": "r2",
        "overlap": "cancel",
        "history": 5,
    },
    "ScheduledJob": {
        **POD,
        "shards": {"count": 8, "parallelism": 4},
        "retries": 3,
        "deadline": "6h",
        "history": 5,
        "schedule": {
            "cron": "0 3 * * MON-FRI",
            "timeZone": "Europe/Berlin",
            "concurrency": "replace",
            "startWithin": "1h",
        },
    },
    "TrainingJob": {
        **POD,
        "framework": "torch",
        "nodes": 4,
        "slices": 1,
        "procsPerNode": 8,
        "model": {
            "uri": "hf://org/base@" + "0a" * 20,
            "cache": "shared",
            "credentials": "hf",
            "size": "40Gi",
        },
        "data": {
            "chats": {
                "uri": "s3://datasets/chats",
                "path": "/data/chats",
                "cache": "node",
                "credentials": "bucket",
                "size": "2Ti",
            }
        },
        "checkpoint": {"volume": "data", "path": "/data/checkpoints"},
        "backend": "jobset",
        "retries": 3,
        "deadline": "6h",
        "rerun": "never",
        "overlap": "finish",
        "history": 5,
        "roles": {"launcher": {"leader": True, "nodes": 1}, "worker": {"nodes": 3, "procsPerNode": 8}},
    },
    "Pipeline": {
        "dependsOn": ["BatchJob/index"],
        "defaults": {"image": POD["image"], "resources": {"memory": "1Gi"}},
        "volumes": {"work": {"path": "/work", "volume": "nlp-work"}},
        "steps": {
            "tokenize": {"shards": {"count": 16, "parallelism": 8}},
            "train": {"kind": "TrainingJob", "needs": ["tokenize"], "nodes": 2},
            "eval": {"needs": ["train"], "kind": "BatchJob"},
        },
        "schedule": {"cron": "0 3 * * *"},
        "backend": "jobs",
    },
    "Environment": {
        "cluster": "prod-eu",
        "groups": ["live"],
        "namespaces": {"pattern": "{team}-{environment}", "manage": True},
        "capabilities": ["kueue"],
        "metrics": {"prometheus": "http://prometheus.monitoring:9090"},
        "accounting": {
            "Training.example.com": {
                "pods": [
                    {"template": "spec.launcher", "count": [1]},
                    {"at": "spec.groups[*]", "template": "template", "count": ["replicas", "hosts"]},
                ]
            }
        },
        "endpointPicker": {
            "image": "registry.example.com/ai/picker:v1@sha256:" + "0a" * 32,
            "args": {"tracing": "false", "v": 2, "pool-group": None},
            "config": "kind: EndpointPickerConfig",
            "rolesConfig": "kind: EndpointPickerConfig",
            "roleLabel": "llm-d.ai/role",
            "rules": [{"group": "llm-d.ai", "resources": ["inferenceobjectives"], "verbs": ["get"]}],
            "replicas": 2,
            "resources": {"memory": "1Gi"},
            "failureMode": "open",
        },
        "caches": {
            "shared": {"class": "nfs", "env": {"HF_ENDPOINT": "https://hub.example.com"}},
            "node": {
                "driver": "cache.csi.example.com",
                "attributes": {"pool": "nvme"},
                "egress": [{"host": "hub.example.com"}],
            },
        },
        "gateway": {
            "name": "ai-gateway",
            "namespace": "gateways",
            "host": "models.example.com",
            "proxies": "envoy-gateway-system",
            "modelHeader": "x-model",
        },
        "accelerators": {
            "h100-80gb": {
                "resource": "nvidia.com/gpu",
                "nodes": {"nvidia.com/gpu.product": ["NVIDIA-H100-80GB-HBM3"]},
                "tolerate": ["nvidia.com/gpu"],
                "maxPerPod": 8,
                "maxNodes": 16,
                "perDevice": {"cpu": 12, "memory": "180Gi", "shm": "16Gi"},
                "pricePerHour": 4.1,
                "resources": {"hugepages-2Mi": "1Gi"},
                "env": {"A": "b"},
                "annotations": {"a": "b"},
            }
        },
        "priorities": {"high": {"pod": "ai-high", "kueue": "high"}},
        "queues": {"nlp": {"clusterQueue": "gpu-nlp"}},
        "topologies": {"rack": "cloud.example.com/rack"},
        "defaults": DEFAULTS,
        "limits": {"accelerators": {"total": 64}, "perWorkload": {"h100-80gb": 16}, "costPerHour": 260},
        "policy": {
            "requireDigest": True,
            "requireRouteAuth": True,
            "requireModelRevision": True,
            "modelSchemes": ["hf", "oci"],
            "registries": ["registry.example.com/ai"],
        },
        "sync": {
            "mode": "apply",
            "prune": {"workloads": 10, "percent": 20},
            "upgrade": {"mode": "apply", "workloads": 5, "every": "10m"},
            "confirm": ["3f9c1ab07d52"],
            "wait": {"timeout": "30m"},
            "windows": [
                {"allow": "0 22 * * MON-FRI", "for": "6h", "timeZone": "Europe/Berlin"},
                {"deny": "0 0 24-26 DEC *", "for": "1d"},
            ],
            "after": ["staging"],
            "soak": "30m",
        },
    },
    "Team": {
        "paths": ["workloads/nlp/**"],
        "budgets": {"live": {"accelerators": {"total": 16}, "costPerHour": 60.5}},
        "queue": ["nlp", "nlp-urgent"],
        "podSecurity": {"production": "restricted"},
        "kinds": ["Service"],
        "defaults": DEFAULTS,
    },
    "AcceleratorClass": {
        "vendor": "nvidia",
        "type": "gpu",
        "generation": "hopper",
        "memory": "80Gi",
        "arch": "amd64",
    },
    "Runtime": {
        "extends": "vllm",
        "images": {"nvidia/hopper": "registry.example.com/ai/vllm:1", "cpu": "registry.example.com/ai/vllm"},
        "command": ["serve"],
        "positional": [{"from": "model.path"}, "--"],
        "args": {"port": {"from": "port"}, "verbose": True, "levels": [1, 2]},
        "style": {"assign": "space", "lists": "spread", "objects": "dotted"},
        "env": {"HOME": "/home", "MODEL": {"from": "model.name"}},
        "files": {"/etc/serve.conf": {"content": "a"}},
        "ports": {"http": 8000, "metrics": {"port": 9000}},
        "health": {"path": "/health"},
        "modelHealth": "/v1/models/",
        "keyed": {"args": ["api-key"], "env": ["API_KEY"], "health": {"tcp": True}},
        "demandsHealth": True,
        "models": "one",
        "fetches": ["hf"],
        "metrics": {
            "port": "metrics",
            "path": "/metrics",
            "queueDepth": "a:waiting",
            "concurrency": "a:running",
            "kvCache": "a:cache",
            "requestRate": "a:requests_total",
        },
        "resources": {"shm": "1Gi"},
        "security": {"runAsUser": 2000},
        "shutdown": {"grace": "2m"},
        "pools": {
            "args": {"kv-transfer-config": {"kv_role": "kv_both"}},
            "env": {"HOST": {"field": "status.podIP"}},
            "leader": {"args": {"mode": "decode"}},
            "worker": {"args": {"mode": "prefill"}},
        },
        "multiNode": {
            "args": {"nnodes": {"from": "nodes"}},
            "leader": {"args": {"lead": True}},
            "worker": {"args": {"headless": True}},
        },
    },
    "CacheClass": {
        "keeps": "shared",
        "size": "100Gi",
        "fetchers": {
            "hf": {
                "image": "registry.example.com/tools/hf:1",
                "run": "hf download",
                "env": {"HF_ENDPOINT": "https://hub.example.com"},
                "credentials": ["HF_TOKEN"],
                "egress": [{"host": "hub.example.com"}],
                "resources": {"memory": "2Gi"},
                "runAsUser": 1000,
            }
        },
    },
    "Repository": {
        "specs": ["environments", "workloads"],
        "platform": ["environments"],
        "ignore": ["**/drafts/**"],
        "version": ">=0.1,<0.2",
    },
}
SETTINGS: dict[str, Any] = {
    "apiVersion": "settings.yardarm.dev/v1alpha1",
    "kind": "Settings",
    "stateDir": "/var/lib/yardarm",
    "sources": {
        "models": {
            "url": "https://git.example.com/ai/models.git",
            "ref": {"branch": "main"},
            "interval": "30s",
            "credentials": {"tokenFile": "/etc/yardarm/git/token"},
            "forcePush": "refuse",
            "verify": {"ssh": {"allowedSigners": "/etc/yardarm/allowed_signers"}, "mode": "both"},
        },
        "keys": {
            "url": "ssh://git@git.example.com/ai/models.git",
            "ref": {"commit": "0a" * 20},
            "credentials": {"sshKeyFile": "/key", "knownHostsFile": "/hosts"},
        },
        "app": {
            "url": "https://github.example.com/ai/models.git",
            "credentials": {
                "githubApp": {
                    "appId": "12",
                    "installationId": 345,
                    "privateKeyFile": "/app.pem",
                    "api": "https://github.example.com/api/v3",
                }
            },
            "proxy": "http://proxy.example.com:3128",
            "caFile": "/ca.pem",
        },
        "local": {"path": "../models", "ref": {"tag": "v1"}, "verify": {"gpg": {"keys": "/keys.asc"}}},
    },
    "clusters": {
        "prod-eu": {
            "kubernetes": {"kubeconfig": "/kube", "context": "prod"},
            "uid": "8d2d",
            "namespace": "own",
        },
        "here": {"kubernetes": {"inCluster": True}},
        "rendered-dev": {"directory": "rendered/dev"},
    },
    "units": [
        {
            "id": "u-3f9c1a",
            "environment": "production",
            "source": "models",
            "cluster": "prod-eu",
            "platform": ["environments/**"],
            "bootstrap": {"runs": "confirm"},
        }
    ],
    "serve": {
        "listen": "127.0.0.1:8080",
        "webhook": {
            "github": {"secretFile": "/github"},
            "gitlab": {"secretFile": "/gitlab"},
            "generic": {"secretFile": "/generic"},
        },
    },
    "notify": [
        {"github": {"tokenFile": "/token", "api": "https://github.example.com/api/v3"}},
        {"gitlab": {"tokenFile": "/token", "api": "https://gitlab.example.com/api/v4"}},
        {"slack": {"urlFile": "/channel"}},
        {"webhook": {"url": "https://hooks.example.com/yardarm", "secretFile": "/secret"}},
    ],
}


def document(kind: str) -> dict[str, Any]:
    """A valid document of a kind."""
    head: dict[str, Any] = {"apiVersion": "yardarm.dev/v1alpha1", "kind": kind}
    if kind in WORKLOADS:
        head["metadata"] = METADATA
    elif kind != "Repository":
        head["metadata"] = {"name": "production"}
    return {**head, "spec": SPECS[kind]}
