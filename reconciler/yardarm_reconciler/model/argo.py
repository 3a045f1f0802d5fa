"""The pods of Argo's workflows: those of their templates, and those of the objects that templates make.

https://github.com/argoproj/argo-workflows/blob/main/pkg/apis/workflow/v1alpha1/workflow_types.go
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

import orjson

from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.pod_template import MAIN, Template
from yardarm_reconciler.model.walks import MOST_WORKERS

Inside: TypeAlias = Callable[[Object], tuple[Template, ...]]

LOOPS = frozenset({"withItems", "withParam", "withSequence"})
"""Fields by which a task runs more than once."""

ELSEWHERE = frozenset(
    {"inline", "manifestFrom", "podSpecPatch", "templateDefaults", "templateRef", "workflowTemplateRef"}
)
"""Fields by which pods come from another object, or are changed once they have been made."""

OF_ALL = ("affinity", "automountServiceAccountToken", "hostNetwork", "nodeSelector", "securityContext")
"""What a workflow says for the pods of all its templates; a template's own word counts more."""


def workflow(body: Object, inside: Inside) -> Iterator[Template]:
    """Pods of all templates of a workflow; ``inside`` gives those of an object that a template makes."""
    yield from _templates(body["spec"], inside, ("spec",), 1, unwatched=1)


def cron_workflow(body: Object, inside: Inside) -> Iterator[Template]:
    """A schedule whose workflows may overlap runs two of them; what none of them waits for is there from all."""
    at_once = 1 if body["spec"].get("concurrencyPolicy") == "Forbid" else 2
    spec = body["spec"]["workflowSpec"]
    yield from _templates(spec, inside, ("spec", "workflowSpec"), at_once, unwatched=MOST_WORKERS)


def made(body: Object) -> Iterator[tuple[tuple[str | int, ...], Object]]:
    """The objects that the templates of a workflow make, and where each stands."""
    path = ("spec", "workflowSpec") if "workflowSpec" in body["spec"] else ("spec",)
    spec = body["spec"].get("workflowSpec") or body["spec"]
    for index, each in enumerate(spec.get("templates") or ()):
        if "resource" in each:
            yield (*path, "templates", index, "resource", "manifest"), _read(each)


def _templates(
    spec: Object, inside: Inside, path: tuple[str | int, ...], workflows: int, *, unwatched: int
) -> Iterator[Template]:
    """Each template as often as it is used, or as many as may run in parallel: which wait for which is not looked at.

    What a template makes may outlive the pod that made it: ``parallelism`` does not bound it, and without a
    ``successCondition`` not the workflow either, so that it is there from as many of them as ``unwatched`` says.
    """
    templates, often = spec.get("templates") or (), _times(spec)
    for index, each in enumerate(templates):
        here: tuple[str | int, ...] = (*path, "templates", index)
        times = often[each["name"]]
        if "resource" in each:
            made_by = workflows if each["resource"].get("successCondition") else unwatched
            for item in inside(_read(each)):
                inner = (*here, "resource", "manifest")
                labels = (*inner, *item.labels_at) if item.labels_at else ()
                pods = item.pods * times * made_by
                yield replace(item, path=(*inner, *item.path), labels_at=labels, pods=pods)
        kind = next((kind for kind in ("container", "script") if kind in each), "containerSet")
        containers = [each[kind]] if kind in each and kind != "containerSet" else []
        containers += (each.get("containerSet") or {}).get("containers") or ()
        if containers:
            most = min(times, spec.get("parallelism") or times)
            labels = (*here, "metadata", "labels")
            said = each.get("metadata") or {}
            yield Template(
                (*here, kind), _pod(spec, each, containers), said, most * workflows, labels_at=labels
            )


def _pod(spec: Object, template: Object, containers: list[Object]) -> Object:
    """The pod of a template, with what the workflow says for all of them."""
    return {
        **{field: spec[field] for field in OF_ALL if field in spec},
        **template,
        "containers": [{"name": MAIN, **container} for container in containers],
        "initContainers": [*(template.get("initContainers") or ()), *(template.get("sidecars") or ())],
        "volumes": [*(spec.get("volumes") or ()), *(template.get("volumes") or ())],
        "tolerations": [*(spec.get("tolerations") or ()), *(template.get("tolerations") or ())],
    }


def _times(spec: Object) -> Mapping[str, int]:
    """How often each template may run in a workflow: as often as those that use it do, for each place where they do.

    What is repeated, or uses itself by whatever detour, has no bound; what nobody uses counts as one.
    """
    users: dict[str, Counter[str]] = {each["name"]: Counter() for each in spec.get("templates") or ()}
    begun = Counter([spec.get("entrypoint"), spec.get("onExit"), *_hooked(spec)])
    for each in spec.get("templates") or ():
        for task in _tasks(each):
            most = MOST_WORKERS if LOOPS & task.keys() else 1
            for name in filter(
                users.__contains__, (task.get("template"), task.get("onExit"), *_hooked(task))
            ):
                users[str(name)][each["name"]] += most
    times: dict[str, int] = {}
    while ready := [name for name in users if name not in times and users[name].keys() <= times.keys()]:
        for name in ready:
            used = sum(times[user] * count for user, count in users[name].items())
            times[name] = min(MOST_WORKERS, max(1, begun[name] + used))
    return {name: times.get(name, MOST_WORKERS) for name in users}


def _hooked(holder: Object) -> Iterator[str | None]:
    """Templates that run when something happens to a workflow, or to a task."""
    for hook in (holder.get("hooks") or {}).values():
        yield hook.get("template")


def _tasks(template: Object) -> list[Object]:
    """What a template lets run: the tasks of its graph, or its steps, which are lists side by side."""
    steps = [task for group in template.get("steps") or () for task in group]
    return [*((template.get("dag") or {}).get("tasks") or ()), *steps]


def _read(template: Object) -> Object:
    """The object that a template makes; one that cannot be read is a pod without limits, so that it is refused."""
    try:
        read: Object = orjson.loads(template["resource"].get("manifest") or "")
    except orjson.JSONDecodeError:
        unread = {"containers": [{"name": f"manifest of {template['name']}, which is not JSON"}]}
        return {"apiVersion": "v1", "kind": "Pod", "spec": unread}
    return read
