"""A workload's patches on its own objects: what they may touch, and what must stay as it is.

They are applied before every other check of what is rendered, so limits, security and budgets hold for what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from yardarm_reconciler.expand import shape, strategic
from yardarm_reconciler.expand.labels import COMPONENT, PICKER
from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.manifest import Manifest, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic, Found
from yardarm_reconciler.model.pod_template import replaced
from yardarm_reconciler.model.walker import templates, unaccounted
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.patch import JsonPatch, MergePatch, ResourcePatch
from yardarm_schema.workload import Workload

FORBIDDEN = Code(
    "policy/patch",
    title="The environment does not let patches touch this",
    why="Environment.policy.forbidPatches keeps what the platform decides out of the reach of specs.",
    bad="patch: {pod: {spec: {tolerations: […]}}} where policy: {forbidPatches: [spec.tolerations]}",
    good="scheduling: {spot: true}",
)
GUARDED = Code(
    "policy/patch-guarded",
    title="Objects that keep others safe cannot be patched",
    why="What a NetworkPolicy, a route, a quota or a Role says follows from fields that are checked; a patch would be past all checks.",
    bad="patch: {resources: [{target: {kind: NetworkPolicy}, merge: {spec: {egress: [{}]}}}]}",
    good="network: {egress: [{cidr: 10.0.0.0/8, ports: [5432]}]}",
)
NO_TARGET = Code(
    "reference/patch-target",
    title="The patch is of nothing that the workload has",
    why="It would do nothing; most often it is a typing error.",
    bad="patch: {resources: [{target: {kind: Deploymnt}, …}]}",
    good="patch: {resources: [{target: {kind: Deployment}, …}]}",
)
FAILS = Code(
    "field/patch-fails",
    title="The patch cannot be applied",
    why="It names what is not there, or does not say what it means.",
    bad="patch: {resources: [{target: {kind: Service}, json: [{op: remove, path: /spec/nothing}]}]}",
    good="patch: {resources: [{target: {kind: Service}, json: [{op: add, path: /spec/type, value: LoadBalancer}]}]}",
)
IDENTITY = Code(
    "policy/patch-identity",
    title="A patch may not change what an object is, or whose",
    why="Group, kind, namespace, name and our labels are how it is found again; changed, it would be lost or stolen.",
    bad="patch: {resources: [{target: {kind: Service}, merge: {metadata: {name: other}}}]}",
    good="another workload, with that name",
)

GUARDED_KINDS = frozenset(
    {
        "AuthorizationPolicy",
        "CiliumNetworkPolicy",
        "GRPCRoute",
        "HTTPRoute",
        "InferencePool",
        "LimitRange",
        "LocalQueue",
        "Namespace",
        "NetworkPolicy",
        "RequestAuthentication",
        "ResourceQuota",
        "Role",
        "RoleBinding",
        "SecurityPolicy",
    }
)
OUR_LABELS = re.compile(r"yardarm\.dev/.*|app\.kubernetes\.io/(?:name|instance|part-of|managed-by|component)")
POD = "pod template"


@dataclass(frozen=True, slots=True)
class _Touched:
    """What a patch touches: of pods or a kind, with the field that says so."""

    kind: str
    path: str
    field: str


def apply(workload: Resolved[Any], manifests: tuple[Manifest, ...]) -> Found[tuple[Manifest, ...]]:
    """Patch the manifests of a workload and of its parts; they are as they were where there is nothing to do."""
    problems: list[Diagnostic] = []
    platform = tuple(item for item in manifests if _is_of_platform(item))
    manifests = tuple(item for item in manifests if not _is_of_platform(item))
    for each in (workload, *(part for named in workload.parts.values() for part in named.values())):
        spec = each.spec
        if (
            not isinstance(spec, Workload)
            or spec.patch is None
            or (each.part and spec.patch == workload.spec.patch)
        ):
            continue
        problems += _forbidden(each)
        if spec.patch.pod:
            manifests = _on_pods(each, spec.patch.pod, manifests, problems)
        for index, patch in enumerate(spec.patch.resources):
            manifests = _on_objects(each, index, patch, manifests, problems)
    return Found((*manifests, *platform), tuple(problems))


def _is_of_platform(item: Manifest) -> bool:
    """Whether an object is of a program that no team may change."""
    meta: Any = item.body["metadata"]
    return bool((meta.get("labels") or {}).get(COMPONENT) == PICKER)


def _forbidden(workload: Resolved[Any]) -> Iterator[Diagnostic]:
    """Paths that the environment keeps patches from."""
    forbidden = [_pattern(each) for each in workload.environment.policy.forbid_patches]
    note = f"forbidden are: {', '.join(workload.environment.policy.forbid_patches)}"
    for touched in _touched(workload):
        if touched.kind in GUARDED_KINDS:
            yield GUARDED.at(
                workload.origin(touched.field), f"{touched.kind} cannot be patched", field=touched.field
            )
        for kind, path in forbidden:
            if kind == touched.kind and (path.match(touched.path) or touched.path == ""):
                message = f"{workload.environment_name} forbids patches of {touched.path or touched.kind}"
                yield FORBIDDEN.at(workload.origin(touched.field), message, note=note, field=touched.field)


def _pattern(forbidden: str) -> tuple[str, re.Pattern[str]]:
    """Kind and path of what is forbidden; what lies below a path is too, and what replaces it as a whole."""
    kind, _, path = forbidden.rpartition(":")
    steps = [re.escape(step).replace(r"\*", r"[^.\[\]]+") for step in path.split(".")]
    below = r"(?:[.\[].*)?$"
    whole = "|".join(
        r"\.".join(steps[: count + 1]) + (r"$" if count + 1 < len(steps) else below)
        for count in range(len(steps))
    )
    return kind or POD, re.compile(f"(?:{whole})")


def _touched(workload: Resolved[Any]) -> Iterator[_Touched]:
    patch = workload.spec.patch
    for path in strategic.paths(patch.pod or {}):
        yield _Touched(POD, path, "spec.patch.pod")
    for index, each in enumerate(patch.resources):
        field = f"spec.patch.resources[{index}]"
        if isinstance(each, MergePatch):
            for path in strategic.paths(each.merge):
                yield _Touched(each.target.kind, path, field)
        else:
            for operation in each.json_:
                for pointer in (operation.path, *([operation.from_] if operation.op == "move" else [])):
                    yield _Touched(each.target.kind, _dotted(pointer or ""), field)


def _dotted(pointer: str) -> str:
    """A JSON pointer as a dotted path: ``/spec/ports/0/name`` is ``spec.ports[0].name``."""
    path = ""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        path += f"[{name}]" if name.isdigit() or name == "-" else (f".{name}" if path else name)
    return path


def _on_pods(
    workload: Resolved[Any],
    patch: Mapping[str, Any],
    manifests: tuple[Manifest, ...],
    problems: list[Diagnostic],
) -> tuple[Manifest, ...]:
    """Patch every pod template with a container main, of the whole or of this part."""
    done = []
    for item in manifests:
        body: Any = item.body
        for template in templates(item.body, workload.environment.accounting):
            if not _is_of(workload, template.spec, template.metadata):
                continue
            parent = template.path[:-1]
            try:
                merged = strategic.merge({"metadata": dict(template.metadata), "spec": template.spec}, patch)
            except ValueError as error:
                field = "spec.patch.pod"
                problems.append(FAILS.at(workload.origin(field), str(error), field=field))
                return manifests
            body = replaced(body, (*parent, "spec"), merged.get("spec", {}))
            body = replaced(body, (*parent, "metadata"), merged.get("metadata", {}))
        done.append(_checked(workload, item, body, "spec.patch.pod", problems))
    return tuple(done)


def _is_of(workload: Resolved[Any], pod: Mapping[str, Any], metadata: Mapping[str, Any]) -> bool:
    """Whether a pod is what the spec describes: not one that only prepares for it, and not another part's."""
    part = (metadata.get("labels") or {}).get("yardarm.dev/part", "")
    ours = any(each.get("name") == "main" for each in pod.get("containers") or ())
    return ours and (not workload.part or part == workload.part)


def _on_objects(
    workload: Resolved[Any],
    index: int,
    patch: ResourcePatch,
    manifests: tuple[Manifest, ...],
    problems: list[Diagnostic],
) -> tuple[Manifest, ...]:
    field = f"spec.patch.resources[{index}]"
    target = patch.target
    done, found = [], False
    for item in manifests:
        if item.key.kind != target.kind or target.name not in (None, item.key.name):
            done.append(item)
            continue
        found = True
        try:
            body = _patched(item.body, patch)
        except ValueError as error:
            problems.append(
                FAILS.at(workload.origin(field), f"{item.key.kind} {item.key.name}: {error}", field=field)
            )
            return manifests
        done.append(_checked(workload, item, body, field, problems))
    if not found:
        known = ", ".join(sorted({item.key.kind for item in manifests}))
        message = f"the workload has no {target.kind}{f' {target.name}' if target.name else ''}"
        problems.append(NO_TARGET.at(workload.origin(field), message, note=f"it has: {known}", field=field))
    return tuple(done)


def _patched(body: Mapping[str, Any], patch: ResourcePatch) -> Any:  # noqa: ANN401 - JSON
    """The object with a patch applied.

    Raises:
        ValueError: it cannot be.
    """
    copied = orjson.loads(orjson.dumps(body))
    if isinstance(patch, MergePatch):
        return _merged(copied, patch.merge)
    import jsonpatch  # noqa: PLC0415 - for the few specs with such a patch

    operations = [_operation(patch, index) for index in range(len(patch.json_))]
    try:
        return jsonpatch.apply_patch(copied, operations)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise ValueError(str(error)) from error


def _operation(patch: JsonPatch, index: int) -> dict[str, Any]:
    each = patch.json_[index]
    value = {"value": each.value} if each.op in ("add", "replace", "test") else {}
    return {"op": each.op, "path": each.path, **({"from": each.from_} if each.from_ else {}), **value}


def _merged(base: object, patch: object) -> object:
    """RFC 7386."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(base) if isinstance(base, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged


def _checked(
    workload: Resolved[Any],
    before: Manifest,
    body: Any,  # noqa: ANN401 - JSON
    field: str,
    problems: list[Diagnostic],
) -> Manifest:
    """The patched manifest, unless it is no longer what it was."""
    if body == before.body:
        return before
    declared = workload.environment.accounting
    now = _identity(body, declared)
    changed = [what for what, value in _identity(before.body, declared).items() if now.get(what) != value]
    if changed:
        message = f"{before.key.kind} {before.key.name}: {', '.join(changed)} must stay"
        problems.append(IDENTITY.at(workload.origin(field), message, field=field))
        return before
    if wrong := shape.problem(body, declared) or unaccounted(body, declared):
        message = f"{before.key.kind} {before.key.name}: {wrong}"
        problems.append(FAILS.at(workload.origin(field), message, field=field))
        return before
    return manifest(body, before.origin)


def _identity(body: Any, declared: Declared) -> dict[str, object]:  # noqa: ANN401 - JSON
    """What names an object, and what its pods are found by."""
    if not isinstance(body, Mapping) or not isinstance(body.get("metadata"), Mapping):
        return {}
    meta = body["metadata"]
    said: dict[str, object] = {
        "apiVersion": body.get("apiVersion"),
        "kind": body.get("kind"),
        "namespace": meta.get("namespace"),
        "name": meta.get("name"),
        "labels": _ours(meta),
    }
    try:
        found = templates(body, declared)
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}
    return said | {f"labels of pods {index}": _ours(each.metadata) for index, each in enumerate(found)}


def _ours(meta: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (meta.get("labels") or {}).items() if OUR_LABELS.fullmatch(name)}
