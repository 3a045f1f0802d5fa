"""What a spec points at must exist: priorities, files, other workloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import Code, Diagnostic, Found
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import Resolved
from yardarm_reconciler.resolve import overrides
from yardarm_reconciler.resolve.here import Here
from yardarm_schema.container import InlineFile, RepositoryFile
from yardarm_schema.network import WorkloadPeer
from yardarm_schema.raw_resources import RawResources
from yardarm_schema.team import Team
from yardarm_schema.volume import Volume
from yardarm_schema.volumes import SharedVolume
from yardarm_schema.workload import Program, Workload

UNKNOWN_PRIORITY = Code(
    "reference/unknown-priority",
    title="This environment has no such priority",
    why="Priorities are the platform's to give: Environment.priorities lists them.",
    bad="scheduling: {priority: urgent}",
    good="scheduling: {priority: high}",
)
UNKNOWN_QUEUE = Code(
    "reference/unknown-queue",
    title="The team has no such queue here",
    why="Whose quota may be used is the platform's to say: Team.queue names a team's queues, Environment.queues what they are.",
    bad="scheduling: {queue: research} in a team with queue: nlp",
    good="scheduling: {queue: nlp}",
)
UNKNOWN_TOPOLOGY = Code(
    "reference/unknown-topology",
    title="This environment does not tell such a topology",
    why="Environment.topologies says by which label of the nodes a rack or block is known.",
    bad="scheduling: {topology: {level: row}}",
    good="scheduling: {topology: {level: rack}}",
)
UNKNOWN_FABRIC = Code(
    "reference/unknown-fabric",
    title="This environment has no such fabric",
    why="Environment.fabrics lists the fast networks between nodes, and how pods get into them.",
    bad="network: {fabric: infiniband}",
    good="network: {fabric: rdma}",
)
MISSING_FILE = Code(
    "reference/missing-file",
    title="There is no such file in this commit",
    why="Files are read from the commit that the spec is in, by their path from the repository's root.",
    bad="files: {/etc/app.yaml: {path: app.yaml}}",
    good="files: {/etc/app.yaml: {path: workloads/nlp/app.yaml}}",
)
FILES_TOO_LARGE = Code(
    "reference/files-too-large",
    title="The files do not fit into a ConfigMap",
    why="A ConfigMap holds one MiB; larger data belongs into the image, a volume or a bucket.",
    bad="files: {/models/a.bin: {path: a.bin}} of 3 MiB",
    good="volumes: {models: {path: /models, size: 10Gi}}",
)
ONE_WRITER = Code(
    "reference/one-writer",
    title="Several pods share a Volume that one node may write to",
    why="All pods but those of one node would wait for it for ever.",
    bad="replicas: 3, volumes: {data: {path: /data, volume: cache}} where cache has access: one",
    good="access: many in the Volume, or a single pod",
)
UNKNOWN_WORKLOAD = Code(
    "reference/unknown-workload",
    title="There is no such workload",
    why="What does not exist never becomes healthy, and cannot be reached.",
    bad="dependsOn: [BatchJob/indx]",
    good="dependsOn: [BatchJob/index]",
)
CYCLE = Code(
    "reference/cycle",
    title="Workloads wait for one another in a circle",
    why="None of them would ever start.",
    bad="a: dependsOn: [Service/b], b: dependsOn: [Service/a]",
    good="a: dependsOn: [Service/b]",
)

ADD_FILE = "commit it, or correct the path: it starts at the repository's root"
MOST_FILE_BYTES = 1000 * 1024
"""A little less than the MiB of a ConfigMap, for its keys. https://kubernetes.io/docs/concepts/configuration/configmap/"""

_BASE64 = 4 / 3
"""What a file that is no text grows by."""


def files(here: Here, spec: Program, node: Node) -> Found[dict[str, bytes]]:
    """Bytes of the files that a spec refers to, by repository path."""
    found: dict[str, bytes] = {}
    problems: list[Diagnostic] = []
    for target, file in sorted(spec.files.items()):
        if isinstance(file, RepositoryFile):
            path = ("files", target, "path")
            data = here.specs.loaded.read_file(file.path)
            if data is None:
                message = f"there is no file {file.path} in this commit"
                place = place_at(node, path)
                problems.append(
                    MISSING_FILE.at(place, message, fix=ADD_FILE, field=f"spec.files[{target}].path")
                )
            else:
                found[file.path] = data
    size = sum(
        _stored(file.content.encode() if isinstance(file, InlineFile) else found.get(file.path, b""))
        for file in spec.files.values()
    )
    if size > MOST_FILE_BYTES:
        message = f"the files take {size} bytes, at most {MOST_FILE_BYTES} fit"
        problems.append(FILES_TOO_LARGE.at(place_at(node, ("files",)), message, field="spec.files"))
    return Found(found, tuple(problems))


def _stored(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError:
        return round(len(data) * _BASE64)
    return len(data)


def priority(here: Here, spec: Program, node: Node) -> Iterator[Diagnostic]:
    """Refuse a priority that the environment does not have."""
    asked, known = spec.scheduling.priority, sorted(here.environment.priorities)
    if asked is not None and asked not in known:
        yield UNKNOWN_PRIORITY.at(
            place_at(node, ("scheduling", "priority")),
            f"{here.name} has no priority {asked!r}",
            fix=did_you_mean(asked, known),
            note=f"{here.name} has: {', '.join(known) or 'no priorities'}",
            field="spec.scheduling.priority",
        )


def queue(here: Here, team: Team, spec: Program, node: Node) -> Iterator[Diagnostic]:
    """Refuse a queue that is not the team's here."""
    asked, known = spec.scheduling.queue, [each for each in team.queues if each in here.environment.queues]
    if asked is not None and asked not in known and "kueue" in here.environment.capabilities:
        yield UNKNOWN_QUEUE.at(
            place_at(node, ("scheduling", "queue")),
            f"the team has no queue {asked!r} in {here.name}",
            fix=did_you_mean(asked, known),
            note=f"it has: {', '.join(known) or 'no queues'}",
            field="spec.scheduling.queue",
        )


def topology(here: Here, spec: Program, node: Node) -> Iterator[Diagnostic]:
    """Refuse a level that the environment does not tell."""
    asked, known = spec.scheduling.topology, sorted(here.environment.topologies)
    if asked is not None and asked.level not in known:
        yield UNKNOWN_TOPOLOGY.at(
            place_at(node, ("scheduling", "topology", "level")),
            f"{here.name} has no topology {asked.level!r}",
            fix=did_you_mean(asked.level, known),
            note=f"{here.name} has: {', '.join(known) or 'no topologies'}",
            field="spec.scheduling.topology.level",
        )


def fabric(here: Here, spec: Program, node: Node) -> Iterator[Diagnostic]:
    """Refuse a fast network that the environment does not have."""
    asked, known = spec.network.fabric, sorted(here.environment.fabrics)
    if asked is not None and asked not in known:
        yield UNKNOWN_FABRIC.at(
            place_at(node, ("network", "fabric")),
            f"{here.name} has no fabric {asked!r}",
            fix=did_you_mean(asked, known),
            note=f"{here.name} has: {', '.join(known) or 'no fabrics'}",
            field="spec.network.fabric",
        )


def peers(here: Here, team: str, spec: Program | RawResources, node: Node) -> Iterator[Diagnostic]:
    """Refuse network peers that no environment has; one that is only absent here opens nothing and is fine."""
    for direction, listed in (("ingress", spec.network.ingress), ("egress", spec.network.egress)):
        for index, peer in enumerate(listed):
            if isinstance(peer, WorkloadPeer) and (peer.team or team, peer.workload) not in here.known:
                owner = peer.team or team
                names = sorted(name for other, name in here.known if other == owner)
                yield UNKNOWN_WORKLOAD.at(
                    place_at(node, ("network", direction, index, "workload")),
                    f"team {owner} has no workload {peer.workload!r}",
                    fix=did_you_mean(peer.workload, names),
                    note=f"it has: {', '.join(names) or 'none'}",
                    field=f"spec.network.{direction}[{index}].workload",
                )


def volumes(here: Here, team: str, spec: Program, node: Node) -> Iterator[Diagnostic]:
    """Refuse a Volume that this environment does not have; its pods would wait for it for ever."""
    for name, volume in sorted(spec.volumes.items()):
        if not isinstance(volume, SharedVolume):
            continue
        owned = [each for each in here.specs.workloads if each.kind == "Volume" and each.team == team]
        found = next((each for each in owned if each.name == volume.volume), None)
        if found is not None and overrides.runs_here(here, found, ()):
            pods = spec.pods().most
            if isinstance(found.model, Volume) and found.model.access == "one" and pods > 1:
                message = f"{pods} pods at one time, but Volume {found.name} has access: one"
                place = place_at(node, ("volumes", name, "volume"))
                yield ONE_WRITER.at(place, message, field=f"spec.volumes.{name}.volume")
            continue
        yield UNKNOWN_WORKLOAD.at(
            place_at(node, ("volumes", name, "volume")),
            f"{here.name} has no Volume {volume.volume!r} of team {team}",
            fix=did_you_mean(volume.volume, sorted(each.name for each in owned)),
            note=f"{found.document.path} has it, without {here.name} in its environments"
            if found
            else f"it has: {', '.join(sorted(each.name for each in owned)) or 'none'}",
            field=f"spec.volumes.{name}.volume",
        )


def dependencies(team: str, spec: Workload) -> tuple[str, ...]:
    """Ids of what a workload waits for: its team's namespace objects, then what it names."""
    named = (f"{kind}/{team}/{name}" for kind, _, name in (each.partition("/") for each in spec.depends_on))
    return (f"Team/{team}", *named)


def unmet(here: Here, workload: Resolved[Workload], present: frozenset[str]) -> Iterator[Diagnostic]:
    """Refuse to wait for what this environment does not have."""
    for index, reference in enumerate(workload.spec.depends_on):
        kind, _, name = reference.partition("/")
        if f"{kind}/{workload.team}/{name}" not in present:
            own = sorted(_short(id_) for id_ in present if id_.split("/")[1] == workload.team)
            yield UNKNOWN_WORKLOAD.at(
                place_at(workload.node, ("spec", "dependsOn", index)),
                f"{here.name} has no {reference} of team {workload.team}",
                fix=did_you_mean(reference, own),
                note=_elsewhere(here, kind, workload.team, name) or f"it has: {', '.join(own) or 'none'}",
                field=f"spec.dependsOn[{index}]",
            )


def _elsewhere(here: Here, kind: str, team: str, name: str) -> str:
    """A note for a workload that exists, but does not run here."""
    found = [each for each in here.specs.workloads if (each.kind, each.team, each.name) == (kind, team, name)]
    return f"{found[0].document.path} has it, without {here.name} in its environments" if found else ""


def _short(id_: str) -> str:
    """``Kind/name``, as ``dependsOn`` says it."""
    return "/".join(id_.split("/")[::2])


def cycles(depends_on: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """By id, for each workload that waits for itself, the circle from it back to it."""
    found = {}
    for start in depends_on:
        circle = _way_back(start, depends_on)
        if circle:
            found[start] = circle
    return found


def _way_back(start: str, depends_on: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """A shortest way from ``start`` to itself, or nothing."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:  # grows while it is walked: breadth first
        for each in depends_on.get(way[-1], ()):
            if each == start:
                return (*way, start)
            if each not in seen:
                seen.add(each)
                ways.append((*way, each))
    return ()


def cycle(workload: Resolved[Workload], circle: tuple[str, ...]) -> Diagnostic:
    """Say which circle a workload is in."""
    index = dependencies(workload.team, workload.spec).index(circle[1]) - 1
    shown = " → ".join(_short(id_) for id_ in circle)
    place = place_at(workload.node, ("spec", "dependsOn", index))
    return CYCLE.at(
        place, f"it waits for itself: {shown}", fix="leave one of these out", field=f"spec.dependsOn[{index}]"
    )
