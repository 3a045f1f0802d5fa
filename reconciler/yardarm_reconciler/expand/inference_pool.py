"""Requests to a model go to the replica that answers soonest: an InferencePool, and the endpoint picker that chooses.

The picker is the platform's program, one beside each model, under a name and labels of its own: so neither the pool nor
the address, autoscaler or disruption budget of the model ever counts its pods. https://gateway-api-inference-extension.sigs.k8s.io
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from yardarm_reconciler.expand import replicated, routes, serving, surroundings
from yardarm_reconciler.expand.arguments import words
from yardarm_reconciler.expand.capabilities import require
from yardarm_reconciler.expand.labels import PICKER, metadata
from yardarm_reconciler.expand.names import derived
from yardarm_reconciler.expand.network import from_gateway
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.merge import only, replaced
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.arguments import Args, ArgumentStyle
from yardarm_schema.container import InlineFile
from yardarm_schema.endpoint_picker import EndpointPicker
from yardarm_schema.health import GrpcHealth
from yardarm_schema.model_service import ModelService, ServingVariant
from yardarm_schema.network import Network, WorkloadTarget
from yardarm_schema.pod import Identity, Rule
from yardarm_schema.replicated import Replicated, Rollout
from yardarm_schema.security import Security
from yardarm_schema.units import Quantity
from yardarm_schema.workload import Program

NO_PICKER = Code(
    "reference/no-endpoint-picker",
    title="This environment has no endpoint picker",
    why="What chooses the replica is a program of the platform, which Environment.endpointPicker names.",
    bad="router: inferencePool in an environment without endpointPicker",
    good="endpointPicker: {image: registry.example.com/ai/picker@sha256:…}",
)
NO_ROUTE = Code(
    "route/router-without-route",
    title="The router is of the route, and there is none",
    why="It is the gateway that asks the endpoint picker; inside the cluster an address leads to any replica.",
    bad="router: inferencePool without route",
    good="router: inferencePool, route: {path: /llama}",
)
NOT_HTTP = Code(
    "route/router-of-grpc",
    title="Only requests by HTTP can be spread by an endpoint picker",
    why="It reads the model and the prompt from the body of a request, which it knows of the OpenAI API alone.",
    bad="router: inferencePool, ports: {grpc: 8001}",
    good="router: service, ports: {grpc: 8001}",
)

PURPOSE = "picker"
GRPC, HEALTH, METRICS = 9002, 9003, 9090
"""Ports that pickers listen on: the gateway's question, its own health, what it measured."""

CONFIG = "/etc/picker/config.yaml"
MEMORY = "1Gi"
API_SERVER: Object = {"ports": [{"port": port, "protocol": "TCP"} for port in (443, 6443)]}
"""Where the API server is nobody here knows: any host, at the ports that it listens on."""

RULES = (
    Rule(resources=("pods",), verbs=("get", "list", "watch")),
    Rule(group=routes.POOL_GROUP, resources=("inferencepools",), verbs=("get", "list", "watch")),
)


def wanted(service: Resolved[ModelService]) -> bool:
    """Whether its requests are spread by a pool; copies of requests go to any replica."""
    copies = isinstance(service.spec, ServingVariant) and service.spec.mirror is not None
    return service.spec.router == "inferencePool" and not copies


def check(service: Resolved[ModelService], server: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with how a replica is picked for each request."""
    if not wanted(service):
        return
    field = "spec.router"
    yield from require(service, field, "inferencePool", what="router: inferencePool")
    if service.environment.endpoint_picker is None:
        message = f"{service.environment_name} has no endpointPicker"
        fix = f"set endpointPicker in Environment {service.environment_name}, or router: service"
        yield NO_PICKER.at(service.origin(field), message, fix=fix, field=field)
    found = routes.routed(server.spec)
    if service.spec.route is None:
        yield NO_ROUTE.at(service.origin(field), fix="add route: {path: …}", field=field)
    elif found is not None and found[0] == "grpc":
        yield NOT_HTTP.at(service.origin(field), fix="router: service", field=field)


def expand(
    service: Resolved[ModelService], server: Resolved[Program], selected: Object
) -> Iterator[Manifest]:
    """The picker, then the pool of the pods that are selected, which lead to it."""
    asked, gateway = service.environment.endpoint_picker, service.environment.gateway
    found = routes.routed(server.spec)
    if asked is None or gateway is None or found is None:
        return
    picker = _picker(service, asked, found[1].port)
    yield from surroundings.expand(picker, ingress=(from_gateway(gateway, GRPC),), egress=(API_SERVER,))
    yield replicated.service(picker)
    yield from replicated.expand(picker)
    body = {
        "apiVersion": f"{routes.POOL_GROUP}/v1",
        "kind": "InferencePool",
        "metadata": metadata(service, service.name),
        "spec": {
            "selector": {"matchLabels": selected},
            "targetPorts": [{"number": found[1].port}],
            "endpointPickerRef": {
                "name": picker.name,
                "port": {"number": GRPC},
                "failureMode": "FailOpen" if asked.failure_mode == "open" else "FailClose",
            },
        },
    }
    yield manifest(body, service.origin("spec.router"))


def _picker(service: Resolved[Any], asked: EndpointPicker, port: int) -> Resolved[Replicated]:
    """The picker as a server of its own, all of which the line that asks for it answers for."""
    return replace(
        service,
        name=derived(service.name, PURPOSE),
        component=PICKER,
        spec=_program(service, asked, port),
        node=replaced(service.node, "spec", only(_spec(service.node), "router")),
        accelerator=None,
        runtime=None,
        files={},
        addresses={},
        part="",
        parts={},
    )


def _spec(document: Node) -> Node:
    return document.value["spec"].node if isinstance(document.value, dict) else document


def _program(service: Resolved[ModelService], asked: EndpointPicker, port: int) -> Replicated:
    memory = asked.resources.memory or Quantity(MEMORY)
    config = asked.roles_config if serving.are_pools(service) else asked.config
    to_pods = WorkloadTarget.model_construct(workload=service.name, team=None, ports=(port,))
    said = {
        "image": asked.image,
        "args": words((), _args(service, asked, config), ArgumentStyle(), {}),
        "files": {CONFIG: InlineFile(content=config)} if config is not None else {},
        "ports": {"grpc": GRPC, "health": HEALTH, "metrics": METRICS},
        "health": GrpcHealth.model_construct(grpc="inference-extension", port="health"),
        "resources": asked.resources.model_copy(update={"memory": memory}),
        "identity": Identity.model_construct(rules=(*RULES, *asked.rules)),
        "network": Network.model_construct(egress=(to_pods,)),
        "security": Security.model_construct(read_only_root=True),
        "image_pull_secrets": service.spec.image_pull_secrets,
        "replicas": asked.replicas,
        "rollout": Rollout.model_construct(surge=1, unavailable=0),
    }
    return Replicated.model_construct(**{**dict(Replicated()), **said})


def _args(service: Resolved[ModelService], asked: EndpointPicker, config: str | None) -> Args:
    """What every picker must be told. Its metrics are for those that the network lets through, without a login."""
    return {
        "pool-name": service.name,
        "pool-namespace": service.namespace,
        "pool-group": routes.POOL_GROUP,
        "grpc-port": GRPC,
        "grpc-health-port": HEALTH,
        "metrics-port": METRICS,
        "metrics-endpoint-auth": "false",
        "config-file": CONFIG if config is not None else None,
        **asked.args,
    }
