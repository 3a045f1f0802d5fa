"""What a cluster may have beyond Kubernetes itself."""

from __future__ import annotations

from typing import Literal, TypeAlias

Capability: TypeAlias = Literal[
    "gatewayAPI",
    "envoyGateway",
    "istio",
    "inferencePool",
    "keda",
    "kueue",
    "jobset",
    "lws",
    "trainer",
    "kuberay",
    "argoWorkflows",
    "externalSecrets",
    "prometheusOperator",
    "imageVolume",
    "dra",
    "activator",
    "fqdnEgress",
]
