"""Which workloads run here, and what their specs are here: layers of defaults below, overrides above.

Precedence: built-in < Environment.defaults < Team.defaults < the accelerator binding < spec < groups < environment.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping

from yardarm_reconciler.model.document import Document, Specs, WorkloadSpec
from yardarm_reconciler.model.merge import merge, without
from yardarm_reconciler.model.node import Entry, Node, Scalar
from yardarm_reconciler.model.origin import Code, Diagnostic, Place
from yardarm_reconciler.model.typed import did_you_mean, shown
from yardarm_reconciler.resolve.here import Here, child
from yardarm_schema.workload import Workload

UNKNOWN_ENVIRONMENT = Code(
    "environment/unknown",
    title="There is no environment or group of this name",
    why="A workload runs only where it says so: with a typing error here it would silently run nowhere.",
    bad="environments: {prodution: {}}",
    good="environments: {production: {}}",
)
OVERRIDES = ("spec", "environments")


def environment_names(specs: Specs) -> frozenset[str] | None:
    """All names that ``environments`` may have as keys; None while an invalid Environment may define more."""
    if any(name.startswith("Environment/") for name in specs.invalid_platform):
        return None
    groups = (group for each in specs.environments.values() for group in each.model.groups)
    return frozenset((*specs.environments, *groups))


def unknown_names(specs: Specs, document: Document, *path: str) -> Iterator[Diagnostic]:
    """Report keys of the map at ``path`` that name neither an environment nor a group."""
    known = environment_names(specs)
    if known is None:
        return
    for name, entry in _entries(document, *path):
        if name not in known:
            yield UNKNOWN_ENVIRONMENT.at(
                entry.place,
                f"there is no environment or group {shown(name)!r}",
                fix=did_you_mean(name, sorted(known)),
                note=f"there are: {', '.join(sorted(known))}",
                field=".".join((*path, shown(name))),
            )


def check(specs: Specs, spec: WorkloadSpec) -> tuple[Diagnostic, ...]:
    """What is wrong with where a workload says that it runs."""
    return tuple(unknown_names(specs, spec.document, *OVERRIDES))


def runs_here(here: Here, spec: WorkloadSpec, problems: Iterable[Diagnostic]) -> bool:
    """Whether a workload belongs to this environment; where its file does not let us know, it does.

    What is taken for absent is deleted. So a name that may be a typing error of this one, and a map that
    cannot be read, keep what runs (the workload is held) instead of removing it.
    """
    if any(problem.code is UNKNOWN_ENVIRONMENT for problem in problems):
        return True
    chosen = child(spec.document.node, *OVERRIDES)
    if chosen is not None and isinstance(chosen.value, dict):
        return any(name in chosen.value for name in here.keys)
    return spec.model is None


def layers(here: Here, spec: WorkloadSpec) -> tuple[Node, ...]:
    """What the team wrote for this environment, the weakest first: the spec, then the overrides, as patches."""
    base = without(child(spec.document.node, "spec") or Node({}, spec.document.node.place), "environments")
    patches = (child(spec.document.node, *OVERRIDES, name) for name in here.keys)
    return (base, *(patch for patch in patches if patch is not None))


def defaults(here: Here, team: Document, model: type[Workload]) -> tuple[Node, ...]:
    """The defaults of environment and team, the weakest first, as far as this kind has such fields."""
    known = {info.alias for info in model.model_fields.values()}
    found = (child(document.node, "spec", "defaults") for document in (here.platform.document, team))
    return tuple(
        Node({key: entry for key, entry in node.value.items() if key in known}, node.place)
        for node in found
        if node is not None and isinstance(node.value, dict)
    )


def written(above: tuple[Node, ...]) -> Node:
    """What the team wrote, in one."""
    return _all(above)


def merged(below: Iterable[Node], above: tuple[Node, ...], like: Node) -> Node:
    """All layers in one, the weakest first: a null in any of them removes what is below it.

    A map that ``like`` has too stands where that has it: where the author wrote it, not where a default did.
    """
    return _placed_like(_all((*below, *above)), like)


def _all(nodes: tuple[Node, ...]) -> Node:
    """Patches upon nothing: so the first one's nulls go too."""
    return functools.reduce(merge, nodes, Node({}, nodes[0].place))


def _placed_like(node: Node, written: Node) -> Node:
    """The same value, with the places of maps that ``written`` has too."""
    if not isinstance(node.value, dict) or not isinstance(written.value, dict):
        return node
    entries = dict(node.value)
    for key, entry in written.value.items():
        if key in entries and isinstance(entry.node.value, dict) and entries[key] is not entry:
            entries[key] = Entry(entry.place, _placed_like(entries[key].node, entry.node))
    return Node(entries, written.place if written.place.path else node.place)


def node_of(value: Mapping[str, object] | Scalar, place: Place) -> Node:
    """A value that no file holds, blamed on ``place``."""
    if isinstance(value, Mapping):
        entries = {key: Entry(place, node_of(each, place)) for key, each in value.items()}  # type: ignore[arg-type] # JSON
        return Node(entries, place)
    return Node(value, place)


def _entries(document: Document, *path: str) -> Iterator[tuple[str, Entry]]:
    node = child(document.node, *path)
    if node is not None and isinstance(node.value, dict):
        yield from node.value.items()
