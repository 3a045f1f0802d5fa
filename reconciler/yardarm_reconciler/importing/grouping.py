"""Which objects belong together: what makes pods, and what serves, scales and protects these pods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from yardarm_reconciler.expand.patches import OUR_LABELS
from yardarm_reconciler.model.imported import name_of
from yardarm_schema.metadata import API_VERSION

Json = dict[str, Any]

CONTROLLERS = frozenset(
    {
        "Deployment.apps",
        "StatefulSet.apps",
        "DaemonSet.apps",
        "Job.batch",
        "CronJob.batch",
        "JobSet.jobset.x-k8s.io",
        "InferenceService.serving.kserve.io",
    }
)
"""What makes pods and becomes a spec of its own."""


@dataclass(frozen=True, slots=True)
class Group:
    """Objects of one workload: its controller, and at most one of each kind besides.

    ``addresses`` is the name of another Service by which its replicas are reached one by one, and which stays as it is.
    """

    controller: Json
    service: Json | None = None
    autoscaler: Json | None = None
    budget: Json | None = None
    route: Json | None = None
    addresses: str = ""

    @property
    def objects(self) -> tuple[Json, ...]:
        """All of them."""
        parts = (self.controller, self.service, self.autoscaler, self.budget, self.route)
        return tuple(each for each in parts if each is not None)


@dataclass(frozen=True, slots=True)
class Rest:
    """An object that is in no spec of a workload, and why not."""

    body: Json
    why: str


def kind_of(body: Mapping[str, Any]) -> str:
    """``Deployment.apps``, whatever version."""
    group, slash, _ = str(body["apiVersion"]).partition("/")
    return f"{body['kind']}.{group}" if slash else str(body["kind"])


def template_of(body: Json) -> Json:
    """The pod template of a controller."""
    spec: Json = body.get("spec") or {}
    if body["kind"] == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    if body["kind"] == "JobSet":
        spec = job_of(body).get("spec") or {}
    template: Json = spec.get("template") or {}
    return template


def job_of(job_set: Json) -> Json:
    """The template of the only Job of a JobSet."""
    jobs = (job_set.get("spec") or {}).get("replicatedJobs") or [{}]
    template: Json = jobs[0].get("template") or {}
    return template


def has_pods(body: Json) -> bool:
    """Whether it says what its pods consist of; what KServe makes of a model is said elsewhere."""
    spec = template_of(body).get("spec") or {}
    return body["kind"] == "InferenceService" or bool(spec.get("containers"))


def _is_controller(body: Json) -> bool:
    """Whether a spec can be made of it: a JobSet of unlike Jobs has no template that its pods share."""
    several = body["kind"] == "JobSet" and len((body.get("spec") or {}).get("replicatedJobs") or ()) != 1
    return kind_of(body) in CONTROLLERS and not several and has_pods(body)


def groups(bodies: Iterable[Json]) -> tuple[tuple[Group, ...], tuple[Rest, ...]]:
    """Every controller with what is of its pods alone; and what belongs to none, with the reason."""
    objects = tuple(bodies)
    controllers = [body for body in objects if _is_controller(body)]
    owned: dict[int, dict[str, Json]] = {id(each): {} for each in controllers}
    rest: list[Rest] = []
    for body in sorted(objects, key=lambda each: kind_of(each) == ROUTE):
        field = _FIELDS.get(kind_of(body))
        if any(body is each for each in controllers):
            continue
        if field is None:
            rest.append(Rest(body, _elsewhere(body)))
            continue
        owners = [each for each in controllers if _owns(each, body, owned[id(each)].get("service"))]
        if len(owners) != 1:
            names = ", ".join(name_of(each) for each in owners)
            why = f"it is of several: {names}" if owners else "nothing that is imported is behind it"
            rest.append(Rest(body, why))
        elif not _better(body, owned[id(owners[0])], field, owners[0], rest):
            owned[id(owners[0])].setdefault(field, body)
    made = (Group(each, **owned[id(each)], addresses=_addresses(each, rest)) for each in controllers)
    return tuple(made), tuple(rest)


def belongs(controllers: Iterable[Json], bodies: Iterable[Json]) -> list[Json]:
    """Controllers, and of the other objects those that are of their pods."""
    wanted, others = list(controllers), [each for each in bodies if kind_of(each) not in CONTROLLERS]
    services = [each for each in others if any(_owns(one, each, None) for one in wanted)]
    routes = [
        each for each in others if any(_owns(one, each, service) for one in wanted for service in services)
    ]
    return [*wanted, *services, *(each for each in routes if each not in services)]


def _addresses(controller: Json, rest: Iterable[Rest]) -> str:
    """The Service that a StatefulSet names, where it is another than the one of the workload and can be kept."""
    name = (controller.get("spec") or {}).get("serviceName")
    found = (
        each.body
        for each in rest
        if kind_of(each.body) == "Service" and each.body["metadata"]["name"] == name
    )
    return next((str(name) for each in found if not ours_in(each) and _owns(controller, each, None)), "")


def ours_in(service: Json) -> list[str]:
    """Labels of the selector of a Service that are Yardarm's own: what they were before, no pod has any longer."""
    selector = (service.get("spec") or {}).get("selector") or {}
    return sorted(key for key in selector if OUR_LABELS.fullmatch(key))


ROUTE = "HTTPRoute.gateway.networking.k8s.io"
"""Looked at last: it belongs to what the Service belongs to that it leads to."""

_FIELDS = {
    ROUTE: "route",
    "Service": "service",
    "HorizontalPodAutoscaler.autoscaling": "autoscaler",
    "PodDisruptionBudget.policy": "budget",
}


def _better(body: Json, known: dict[str, Json], field: str, owner: Json, rest: list[Rest]) -> bool:
    """Whether another object of that kind is there already; the one that is called like its owner is kept."""
    other = known.get(field)
    if other is None:
        return False
    loser = body
    called = body["metadata"]["name"] == owner["metadata"]["name"]
    if called or (_is_headless(other) and other["metadata"]["name"] != owner["metadata"]["name"]):
        known[field], loser = body, other
    kept = name_of(known[field])
    why = f"a workload has one, and that is {kept}: RawResources can hold it"
    if _is_headless(loser) and owner["kind"] == "StatefulSet":
        why = f"{owner['metadata']['name']}-peers is what has the addresses of the replicas"
    rest.append(Rest(loser, why))
    return True


def _is_headless(body: Json) -> bool:
    return bool((body.get("spec") or {}).get("clusterIP") == "None")


def _owns(controller: Json, body: Json, service: Json | None) -> bool:
    if _namespace(controller) != _namespace(body):
        return False
    spec = body.get("spec") or {}
    if body["kind"] == "HorizontalPodAutoscaler":
        target = spec.get("scaleTargetRef") or {}
        return (target.get("kind"), target.get("name")) == (
            controller["kind"],
            controller["metadata"]["name"],
        )
    if body["kind"] == "HTTPRoute":
        rules = spec.get("rules") or ()
        names = {backend.get("name") for rule in rules for backend in rule.get("backendRefs") or ()}
        return service is not None and names == {service["metadata"]["name"]}
    selector = spec.get("selector") or {}
    wanted = selector.get("matchLabels") or {} if body["kind"] == "PodDisruptionBudget" else selector
    expressions = selector.get("matchExpressions") if body["kind"] == "PodDisruptionBudget" else None
    labels = (template_of(controller).get("metadata") or {}).get("labels") or {}
    return bool(wanted) and not expressions and wanted.items() <= labels.items()


def _namespace(body: Json) -> str:
    return str(body["metadata"].get("namespace") or "default")


_ADVICE = {
    "Pod": "a spec is made of what makes pods, such as a Deployment or a Job",
    "ReplicaSet": "a spec is made of the Deployment that it is of",
    "JobSet": "roles of a TrainingJob say Jobs that are unlike each other; an import makes none of them",
    "ConfigMap": "specs refer to it by its name; keep it with RawResources, or write it as files of the spec",
    "Secret": "specs refer to it by its name; its values never belong into git: secrets of the team's store",
    "PersistentVolumeClaim": "specs refer to it as an existing claim; a Volume would be another, empty one",
    "ServiceAccount": "specs refer to it by its name; keep it with RawResources, or leave the account to Yardarm",
    "Namespace": "namespaces follow from teams and environments",
    "NetworkPolicy": "network.ingress and network.egress say who reaches whom; Yardarm writes the policy",
    "Ingress": "route says how requests reach it; an Ingress stays with RawResources where the policy allows it",
    "Role": "identity.rules give rights in the namespace",
    "RoleBinding": "identity.rules give rights in the namespace",
}


def _elsewhere(body: Json) -> str:
    if kind_of(body) in CONTROLLERS and not has_pods(body):
        return "its pods have no containers"
    if body["apiVersion"] == API_VERSION:
        return "it is a spec already"
    return _ADVICE.get(str(body["kind"]), "no field of a spec says it; RawResources can hold it")
