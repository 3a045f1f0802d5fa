"""The objects of one workload in the words that Yardarm uses: the container that the pod is for is ``main``.

Nothing else about them changes here but where containers stand: those beside the main one run as sidecars do.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from yardarm_reconciler.expand.storage import SHM
from yardarm_reconciler.importing import kserve, routes, storage
from yardarm_reconciler.importing.grouping import Group, Json, template_of
from yardarm_reconciler.model.devices import is_extended
from yardarm_reconciler.model.imported import Note, name_of

MAIN = "main"
RESERVED = ("main", "yardarm-")


@dataclass(frozen=True, slots=True)
class Ours:
    """A group whose pods are as Yardarm calls them, with what was called otherwise, and what no kind of spec has.

    ``model`` is the InferenceService where a runtime of the catalogue serves its model.
    """

    group: Group
    renamed: tuple[Note, ...]
    lost: tuple[Note, ...]
    model: Json | None = None

    @property
    def pod(self) -> Json:
        """The pod's spec."""
        spec: Json = template_of(self.group.controller)["spec"]
        return spec

    @property
    def main(self) -> Json:
        """The container that the pod is for."""
        container: Json = self.pod["containers"][0]
        return container


def ours(group: Group) -> Ours:
    """The group with its containers in their places."""
    lost: tuple[Note, ...] = ()
    served = None
    if group.controller["kind"] == "InferenceService":
        served = group.controller if kserve.model_of(group.controller) is not None else None
        group, lost = kserve.as_deployment(group)
    controller = copy.deepcopy(group.controller)
    containers: list[Json] = template_of(controller)["spec"]["containers"]
    chosen = _chosen(containers, controller["metadata"]["name"], group.service)
    controller, nameless = _nameless(controller, chosen)
    lost = (*lost, *nameless)
    notes: list[Note] = []
    pod, where = template_of(controller)["spec"], name_of(controller)
    if chosen["name"] != MAIN:
        notes.append(
            Note(where, f"containers[{chosen['name']}]", "the container that a pod is for is called main")
        )
    beside = [each for each in containers if each is not chosen]
    for each in beside:
        why = "it runs as a native sidecar: it starts before main, and ends after it"
        notes.append(Note(where, f"containers[{each['name']}]", why))
    if (shared := storage.shared_memory(pod, chosen)) is not None and shared[0] != SHM:
        notes.append(Note(where, f"volumes[{shared[0]}]", f"it is called {SHM}: resources.shm says it"))
        for each in (*pod["volumes"], *chosen["volumeMounts"]):
            each["name"] = SHM if each["name"] == shared[0] else each["name"]
    chosen["name"] = MAIN
    before = [each for each in pod.get("initContainers") or [] if each.get("restartPolicy") != "Always"]
    native = [each for each in pod.get("initContainers") or [] if each.get("restartPolicy") == "Always"]
    if native and before and pod["initContainers"] != [*native, *before]:
        why = "sidecars start before all containers that prepare"
        notes.append(Note(where, "initContainers", why))
    pod["containers"] = [chosen]
    pod["initContainers"] = [*native, *({**each, "restartPolicy": "Always"} for each in beside), *before]
    for each in pod["initContainers"]:
        if each["name"].startswith(RESERVED) or not each["name"][0].isalpha():
            new = f"c-{each['name']}"[:63].rstrip("-")
            notes.append(
                Note(where, f"containers[{each['name']}]", f"it is called {new}: its name is reserved")
            )
            each["name"] = new
    route = group.route
    if route is not None and (why := routes.other_port(route, group.service or {}, port_numbers(pod))):
        lost, route = (*lost, Note(name_of(route), "", why)), None
    return Ours(replace(group, controller=controller, route=route), tuple(notes), lost, served)


def port_numbers(pod: Json) -> dict[str, int]:
    """The ports of all containers of a pod by their names, by which a Service may refer to them."""
    return {
        port["name"]: port["containerPort"]
        for container in (*pod["containers"], *(pod.get("initContainers") or ()))
        for port in container.get("ports") or ()
        if port.get("name")
    }


def _nameless(controller: Json, main: Json) -> tuple[Json, tuple[Note, ...]]:
    """A StatefulSet without storage for its program as the Deployment that a spec makes of it."""
    spec = controller.get("spec") or {}
    templates = spec.get("volumeClaimTemplates") or []
    if controller["kind"] != "StatefulSet" or storage.of_replicas(templates, main):
        return controller, ()
    left = {key: value for key, value in spec.items() if key not in _OF_NAMES}
    why = "without storage of their own its pods have no names that last: it becomes a Deployment"
    if templates:
        why = "its claims are of no volume of the program itself: it becomes a Deployment without them"
    return {**controller, "kind": "Deployment", "spec": left}, (Note(name_of(controller), "", why),)


_OF_NAMES = frozenset(
    {
        "ordinals",
        "persistentVolumeClaimRetentionPolicy",
        "podManagementPolicy",
        "serviceName",
        "updateStrategy",
        "volumeClaimTemplates",
    }
)
"""Of a StatefulSet, what a Deployment does not have."""


def _chosen(containers: list[Json], name: str, service: Json | None) -> Json:
    """The container with devices, else that which is called as the workload, else which is served, else the first."""
    ports = (service or {}).get("spec", {}).get("ports") or []
    served = {each.get("targetPort", each.get("port")) for each in ports}
    for fits in (
        has_devices,
        lambda each: each["name"] in (MAIN, name),
        lambda each: bool(served & _ports(each)),
    ):
        found = [each for each in containers if fits(each)]
        if found:
            return found[0]
    return containers[0]


def has_devices(container: Json) -> bool:
    """Whether a container asks for more than what every node has."""
    resources: Any = container.get("resources") or {}
    return any(
        is_extended(each) for each in {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    )


def _ports(container: Json) -> set[int | str]:
    found: Iterable[Json] = container.get("ports") or []
    return {each.get(key, "") for each in found for key in ("containerPort", "name")}
