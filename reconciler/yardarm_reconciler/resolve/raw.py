"""The objects of RawResources: from files of the commit, or from the spec itself, each where it is written."""

from __future__ import annotations

from yardarm_reconciler.model.node import Node, descend, place_at
from yardarm_reconciler.model.origin import Diagnostic, Found
from yardarm_reconciler.resolve.here import Here
from yardarm_reconciler.resolve.references import ADD_FILE, MISSING_FILE
from yardarm_schema.raw_resources import FileManifest, RawResources


def manifests(here: Here, spec: RawResources, node: Node) -> Found[tuple[Node, ...]]:
    """All objects as nodes, so that every value knows its file and line."""
    found: list[Node] = []
    problems: list[Diagnostic] = []
    for index, source in enumerate(spec.manifests):
        if not isinstance(source, FileManifest):
            found.append(descend(node, ("manifests", index, "inline"))[0])
            continue
        documents = here.specs.loaded.read_documents(source.path)
        if documents is None:
            place, field = place_at(node, ("manifests", index, "path")), f"spec.manifests[{index}].path"
            message = f"there is no file {source.path} in this commit"
            problems.append(MISSING_FILE.at(place, message, fix=ADD_FILE, field=field))
        else:
            problems += documents.diagnostics
            found += documents.value
    return Found(tuple(found), tuple(problems))
