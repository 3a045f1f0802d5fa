"""The proof of an import: the spec is rendered, and all that means something else is on purpose, patched, or named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from yardarm_reconciler.importing import kserve
from yardarm_reconciler.importing.difference import ABSENT, Difference, differences
from yardarm_reconciler.importing.grouping import Json, template_of
from yardarm_reconciler.importing.meaning import meaning
from yardarm_reconciler.importing.ours import Ours, has_devices, port_numbers
from yardarm_reconciler.importing.patching import patch, patchable
from yardarm_reconciler.importing.purposes import OF_CLASS, OF_RUNTIME, SELECTED, purpose
from yardarm_reconciler.importing.world import Render, Rendering
from yardarm_reconciler.model.imported import Note, name_of
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.redaction import may_be_secret

_ROLLING = ("spec", "strategy", "rollingUpdate")
LONGEST = 60
"""Characters of a value that are shown."""

_COMPANIONS = {
    "NetworkPolicy": "nobody reaches its ports but its team and what the spec lists, and it reaches nothing but names",
    "PodDisruptionBudget": "a drain takes one replica at a time",
    "Service": "its ports have an address",
    "ServiceAccount": "each workload has an account of its own",
}
"""Objects that a workload gets, though its manifests have none."""


_NOT_RENDERED = {
    "PodDisruptionBudget": "of a single replica it would only stand in the way of drains, so none is rendered",
    "Service": "the pods have no ports, so none is rendered",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """A document that was rendered and compared."""

    document: Json
    patched: tuple[Note, ...]
    added: tuple[Note, ...]
    lost: tuple[Note, ...]
    makes: tuple[str, ...] = ()


def proven(document: Json, ours: Ours, render: Render) -> Proof:
    """The document with the patch that it needs, and what is different all the same."""
    rendering = render(document)
    if rendering.errors:
        return Proof(document, (), (), tuple(_refused(each) for each in rendering.errors))
    name = document["metadata"]["name"]
    unsaid = [
        each
        for each in _compared(ours, rendering, name)
        if each.kind == "HTTPRoute" and not _purpose(each, ours)
    ]
    if unsaid:
        return _without_route(document, ours, render, unsaid)
    wanted = [
        each
        for each in _compared(ours, rendering, name)
        if not _purpose(each, ours) and patchable(each) and not _points_nowhere(each, name, ours)
    ]
    kept, reasons = _patched(document, wanted, ours, render)
    document = _with_patch(document, kept, ours)
    rendering = render(document)
    rest = list(_compared(ours, rendering, name))
    added = [_note(ours, each, _purpose(each, ours)) for each in rest if _purpose(each, ours)]
    lost = [
        _note(ours, each, reasons.get(each.text) or _unsaid(each, name, ours))
        for each in rest
        if not _purpose(each, ours)
    ]
    return Proof(
        document,
        tuple(dict.fromkeys(_note(ours, each, "") for each in kept)),
        (*added, *_whole(ours, rendering.manifests, name)),
        (*lost, *_without_counterpart(ours, rendering.manifests, name)),
        tuple(f"{each.key.kind}/{each.key.name}" for each in rendering.manifests),
    )


def _without_route(document: Json, ours: Ours, render: Render, unsaid: list[Difference]) -> Proof:
    """The proof of all but the route: half a route would let others through, and no patch may touch one."""
    spec = {key: value for key, value in document["spec"].items() if key != "route"}
    rest = replace(ours, group=replace(ours.group, route=None))
    proof = proven({**document, "spec": spec}, rest, render)
    where = name_of(ours.group.route)
    what = ", ".join(each.text for each in unsaid)
    why = f"the field route has no words for {what}: it stays as it is, with RawResources where the policy allows it"
    return replace(proof, lost=(*proof.lost, Note(where, "", why)))


def _patched(
    document: Json, wanted: list[Difference], ours: Ours, render: Render
) -> tuple[list[Difference], dict[str, str]]:
    """The differences that a patch may take away: all, or those that are let through one by one."""
    whole = not any(_dangles(each, ours, {}) for each in wanted)
    if whole and not render(_with_patch(document, wanted, ours)).errors:
        return wanted, {}
    kept: list[Difference] = []
    reasons: dict[str, str] = {}
    for each in sorted(wanted, key=lambda each: "volumeMounts" in each.path):
        if _dangles(each, ours, reasons):
            reasons[each.text] = "its volume is not there"
            continue
        errors = render(_with_patch(document, [*kept, each], ours)).errors
        if errors:
            reasons[each.text] = f"{errors[0].message} ({errors[0].code.name})"
        else:
            kept.append(each)
    return kept, reasons


def _dangles(difference: Difference, ours: Ours, refused: Mapping[str, str]) -> bool:
    """Whether it is a mount of a volume that the pod does not have, or that no patch could add."""
    if "volumeMounts" not in difference.path or not isinstance(difference.before, dict):
        return False
    name = difference.before.get("name")
    templates = (ours.group.controller.get("spec") or {}).get("volumeClaimTemplates") or ()
    known = [each["name"] for each in ours.pod.get("volumes") or ()]
    known += [each["metadata"]["name"] for each in templates]
    return name not in known or f"pod.spec.volumes[{name}]" in refused


def _with_patch(document: Json, found: Iterable[Difference], ours: Ours) -> Json:
    originals = {each["kind"]: each for each in ours.group.objects}
    made = patch(found, originals, document["metadata"]["name"])
    spec = {key: value for key, value in document["spec"].items() if key != "patch"}
    return {**document, "spec": {**spec, **({"patch": made} if made else {})}}


def _points_nowhere(difference: Difference, name: str, ours: Ours) -> bool:
    """Whether it names a Service of the replicas that is not there: a patch would take their addresses away."""
    known = (name, ours.group.addresses)
    return difference.path == ("spec", "serviceName") and difference.before not in known


def _unsaid(difference: Difference, name: str, ours: Ours) -> str:
    if _points_nowhere(difference, name, ours):
        return f"replicas are reached below {name}-peers, and no longer below this name"
    return "no field and no patch says it"


def _compared(ours: Ours, rendering: Rendering, name: str) -> Iterable[Difference]:
    """What means something else, object by object."""
    made = _by_kind(rendering.manifests, name)
    named = port_numbers(ours.pod)
    rendered = port_numbers(template_of(made[ours.group.controller["kind"]])["spec"])
    alone = not any(each.get("restartPolicy") == "Always" for each in ours.pod.get("initContainers") or ())
    scaled = ours.group.autoscaler is not None
    for body in ours.group.objects:
        other = made.get(body["kind"])
        if other is not None:
            before = meaning(body, named, alone=alone, scaled=scaled)
            after = meaning(other, rendered, alone=alone, scaled=scaled)
            if ours.model is not None and body["kind"] == "Deployment":
                yield from _of_model(before, after)
            else:
                yield from differences(body["kind"], before, after)


def _of_model(before: Json, after: Json) -> Iterable[Difference]:
    """What is different of a model's server: arguments are told from those of its runtime, whatever their order."""
    lost: list[Note] = []
    old, new = (
        kserve.arguments(each["pod"]["spec"]["containers"]["main"].pop("args", []), "", lost)
        for each in (before, after)
    )
    gone = {name: value for name, value in old.items() if name not in _OF_SERVER and new.get(name) != value}
    if gone:
        path = ("pod", "spec", "containers", "main", "args")
        yield Difference("Deployment", path, ", ".join(sorted(gone)), ABSENT)
    yield from differences("Deployment", before, after)


_OF_SERVER = frozenset({"model_name", "model_id", "model_dir"})
"""Arguments of KServe's own server that the field model says."""


def _by_kind(manifests: Iterable[Manifest], name: str) -> dict[str, Any]:
    """The objects of each kind that a workload has one of; the Service of its replicas is not the one that is meant."""
    kept = (each for each in manifests if each.key.kind != "Service" or each.key.name == name)
    return {each.key.kind: each.body for each in kept}


def _purpose(difference: Difference, ours: Ours) -> str:
    """Why it is so on purpose; a program that names an account is one that uses it."""
    if ours.model is not None and difference.before is ABSENT and purpose(difference) in {"", OF_CLASS}:
        return OF_RUNTIME
    if difference.path[:3] == _ROLLING and not has_devices(ours.main):
        return ""
    pod = ours.pod
    account = pod.get("serviceAccountName") or pod.get("serviceAccount") or "default"
    uses = account != "default" or pod.get("automountServiceAccountToken") is True
    asked = {"pod spec automountServiceAccountToken"} if uses else set()
    if pod.get("enableServiceLinks") is True:
        asked.add("pod spec enableServiceLinks")
    if any(ours.main.get(f"{each}Probe") for each in ("readiness", "liveness", "startup")):
        return purpose(difference, asked=asked)
    if difference.path[:5] == ("pod", "spec", "containers", "main", "readinessProbe"):
        return "a server without a health check is ready when its port accepts connections"
    return purpose(difference, asked=asked)


def _note(ours: Ours, difference: Difference, why: str) -> Note:
    body = next(each for each in ours.group.objects if each["kind"] == difference.kind)
    shown = difference.before if difference.before is not ABSENT else difference.after
    value = "" if isinstance(shown, dict | list) else str(shown)
    secret = any(may_be_secret(step, value) for step in difference.path[-2:])
    path = (
        "spec.ports"
        if difference.kind == "Service" and difference.text.startswith("spec.ports")
        else difference.text
    )
    return Note(name_of(body), path, why, "" if secret or path != difference.text else value[:LONGEST])


def _whole(ours: Ours, manifests: Iterable[Manifest], name: str) -> Iterable[Note]:
    """Objects that nothing was there for, and what is different of others as a whole."""
    there = {each["kind"] for each in ours.group.objects}
    for each in manifests:
        if each.key.kind not in there:
            why = _COMPANIONS.get(each.key.kind, "the spec needs it")
            yield Note(f"{each.key.kind}/{each.key.name}", "", why)
        elif each.key.kind == "Service" and each.key.name != name:
            yield Note(f"Service/{each.key.name}", "", "each replica has an address")
    made = _by_kind(manifests, name)
    for body in ours.group.objects:
        if body["kind"] in made:
            yield from _named(body, made[body["kind"]]["metadata"]["name"])
    if ours.group.autoscaler is not None and "replicas" in ours.group.controller["spec"]:
        yield Note(name_of(ours.group.controller), "spec.replicas", "the autoscaler decides how many run")


def _named(body: Json, name: str) -> Iterable[Note]:
    """What an object is called, where it lies, and how it finds its pods."""
    where = name_of(body)
    if name != body["metadata"]["name"] and body["kind"] != "Service":
        run = body["kind"] in {"Job", "JobSet"}
        why = "each run has a name of its own" if run else f"it is called {name}, as the workload"
        yield Note(where, "metadata.name", why)
    if body["kind"] == "JobSet":
        job = body["spec"]["replicatedJobs"][0]["name"]
        yield Note(where, f"spec.replicatedJobs[{job}]", "the only Job of a set is called node")
    if body["metadata"].get("namespace"):
        yield Note(where, "metadata.namespace", "namespaces follow from teams and environments")
    if "selector" in (body.get("spec") or {}):
        yield Note(where, "spec.selector", SELECTED)


def _without_counterpart(ours: Ours, manifests: Iterable[Manifest], name: str) -> Iterable[Note]:
    made = _by_kind(manifests, name)
    for body in ours.group.objects:
        if body["kind"] == "Service" and "Service" in made and body["metadata"]["name"] != name:
            yield Note(
                name_of(body), "metadata.name", f"clients know it by this name, and it would be {name}"
            )
        if body["kind"] not in made:
            why = _NOT_RENDERED.get(body["kind"], "nothing of the kind is rendered for what the spec says")
            yield Note(name_of(body), "", why)


def _refused(problem: Diagnostic) -> Note:
    return Note("the spec", problem.field, f"{problem.message} ({problem.code.name})")
