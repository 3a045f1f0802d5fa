"""Objects that belong to workloads and that no field says: kept as they are by a spec of RawResources, which is proven too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from yardarm_reconciler.importing import fits, writing
from yardarm_reconciler.importing.difference import differences
from yardarm_reconciler.importing.grouping import Json, Rest, kind_of, ours_in
from yardarm_reconciler.importing.meaning import meaning, without_nothing
from yardarm_reconciler.importing.purposes import purpose
from yardarm_reconciler.importing.world import Render
from yardarm_reconciler.model.imported import Imported, Note, name_of
from yardarm_reconciler.model.manifest import Object
from yardarm_schema.metadata import API_VERSION

KEPT = frozenset({"ConfigMap", "PersistentVolumeClaim", "Service", "ServiceAccount"})
"""Kinds that every environment admits from RawResources; what makes pods is a spec or nothing."""

_BY_CLUSTER = frozenset({"clusterIPs", "ipFamilies", "ipFamilyPolicy"})


def kept(
    rest: Iterable[Rest], taken: frozenset[str], name: str, team: str, environment: str, render: Render
) -> tuple[Imported | None, tuple[Note, ...]]:
    """A spec of the objects that can be kept as they are, and notes on the others.

    Args:
        rest: what is in no spec.
        taken: objects that specs make, as ``Kind/name``.
        name: of the spec.
        team: whose it is.
        environment: where it runs.
        render: renders it.
    """
    notes: list[Note] = []
    bodies: list[Json] = []
    for each in rest:
        why = _not_kept(each, taken)
        found = None if why else _as_written(each.body)
        errors = render(_document([found], name, team, environment)).errors if found else ()
        if found and not errors:
            bodies.append(found)
        else:
            notes.append(Note(name_of(each.body), "", errors[0].message if errors else why))
    if not bodies:
        return None, tuple(notes)
    document = _document(bodies, name, team, environment)
    made = {(each.key.kind, each.key.name): each.body for each in render(document).manifests}
    compared = [
        each
        for body in bodies
        for each in _compared(body, made.get((body["kind"], body["metadata"]["name"])))
    ]
    spec = Imported(
        f"RawResources/{team}/{name}",
        writing.text(document),
        tuple(name_of(each) for each in bodies),
        (),
        tuple(each for each in compared if each.why),
        tuple(Note(each.where, each.path, "it is rendered otherwise") for each in compared if not each.why),
    )
    return spec, tuple(notes)


def _document(bodies: list[Json], name: str, team: str, environment: str) -> Json:
    return {
        "apiVersion": API_VERSION,
        "kind": "RawResources",
        "metadata": {"name": fits.slug(name), "team": team},
        "spec": {"manifests": [{"inline": each} for each in bodies], "environments": {environment: {}}},
    }


def _not_kept(rest: Rest, taken: frozenset[str]) -> str:
    """Why an object cannot be kept as it is, or nothing."""
    body = rest.body
    if kind_of(body) not in KEPT:
        return rest.why
    if name_of(body) in taken:
        return "a spec makes an object of this name"
    ours = ours_in(body) if body["kind"] == "Service" else []
    return f"it selects pods by {', '.join(ours)}, which is Yardarm's own label" if ours else ""


def _as_written(body: Json) -> Json:
    """The object as a person writes it, in whatever namespace it will lie."""
    meta = {key: value for key, value in body["metadata"].items() if key != "namespace"}
    made = {**body, "metadata": meta}
    if body["kind"] == "Service":
        spec = body.get("spec") or {}
        live = _BY_CLUSTER if "clusterIPs" in spec else frozenset()
        address = {"clusterIP"} if spec.get("clusterIP") not in (None, "None") else set()
        made["spec"] = {key: value for key, value in spec.items() if key not in live | address}
    return made


def _compared(body: Json, made: Object | None) -> Iterator[Note]:
    """What is different of an object once it is rendered."""
    if made is None:
        yield Note(name_of(body), "", "")
        return
    for each in differences(body["kind"], _means(body), _means(made)):
        yield Note(name_of(body), each.text, purpose(each))


def _means(body: Object) -> Json:
    if body["kind"] == "Service":
        return meaning(dict(body), {}, alone=False, scaled=False)
    meta = {key: value for key, value in body["metadata"].items() if key not in {"name", "namespace"}}
    said: Json = without_nothing({**body, "metadata": meta})
    return said
