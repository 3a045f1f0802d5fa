"""Which documents are ours, and what is to be said of those that are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from yardarm_reconciler.load import codes
from yardarm_reconciler.model.document import Document
from yardarm_reconciler.model.node import Entry, Node, texts_at
from yardarm_reconciler.model.origin import Advice, Diagnostic
from yardarm_reconciler.model.typed import did_you_mean, shown
from yardarm_schema.kinds import API_VERSION, DOCUMENTS, PLATFORM

_KINDS = tuple(kind for kind in DOCUMENTS if kind != "Repository")
_IGNORE = "if it belongs to another tool, list its path under `ignore` in yardarm.yaml"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A document that is not ours. ``meant`` is true where it seems that it was meant to be."""

    problem: Diagnostic
    meant: bool


def identify(path: str, node: Node, *, is_platform_path: Callable[[str], bool]) -> Document | Foreign:
    """Tell whether a document is a spec, by its ``apiVersion`` and ``kind`` alone."""
    if not isinstance(node.value, dict):
        return Foreign(
            codes.NOT_OURS.at(node.place, "A spec is a map with `apiVersion` and `kind`.", fix=_IGNORE),
            meant=False,
        )
    version, kind = node.value.get("apiVersion"), node.value.get("kind")
    if version is None or version.node.value != API_VERSION:
        return _not_ours(node, node.value)
    if kind is None or not isinstance(kind.node.value, str):
        place = kind.node.place if kind else version.place
        return Foreign(codes.KIND_OF_DOCUMENT.at(place, "`kind` is missing.", field="kind"), meant=True)
    name, place = kind.node.value, kind.node.place
    if name == "Repository":
        message = "A Repository belongs into yardarm.yaml at the root."
        return Foreign(codes.KIND_OF_DOCUMENT.at(place, message, field="kind"), meant=True)
    if name not in _KINDS:
        message = f"There is no kind `{shown(name)}`."
        note = f"known kinds: {', '.join(sorted(_KINDS))}"
        fix = did_you_mean(name, _KINDS)
        return Foreign(
            codes.KIND_OF_DOCUMENT.at(place, message, fix=fix, note=note, field="kind"), meant=True
        )
    if name in PLATFORM and not is_platform_path(path):
        message = f"This path may not hold a spec of kind {name}."
        return Foreign(
            codes.OUTSIDE_PLATFORM.at(
                place, message, fix="move it, or ask the platform's owners", field="kind"
            ),
            meant=True,
        )
    return Document(path, node, name, place)


def _not_ours(node: Node, entries: Mapping[str, Entry]) -> Foreign:
    version = entries.get("apiVersion")
    if version is None:
        similar = next((key for key in entries if did_you_mean(key, ["apiVersion"])), None)
        place = entries[similar].place if similar else node.place
        kind = entries.get("kind")
        meant = similar is not None or (kind is not None and kind.node.value in (*DOCUMENTS,))
        fix = f"write apiVersion: {API_VERSION}" if meant else _IGNORE
        return Foreign(
            codes.NOT_OURS.at(place, "`apiVersion` is missing.", fix=fix, field="apiVersion"), meant=meant
        )
    written = version.node.value
    text = shown(written) if isinstance(written, str) else "this"
    # Versions of different groups are alike by their ends: only the group tells what was meant.
    group, ours = text.partition("/")[0], API_VERSION.partition("/")[0]
    near = did_you_mean(text, [API_VERSION]) if group == ours or did_you_mean(group, [ours]) else ""
    # In words alone: a spec of another version may mean something else by the same fields.
    fix = near.words if isinstance(near, Advice) else near
    problem = codes.NOT_OURS.at(
        version.node.place, f"`{text}` is not {API_VERSION}.", fix=fix or _IGNORE, field="apiVersion"
    )
    return Foreign(problem, meant=bool(fix))


def referenced_paths(documents: Iterable[Document]) -> frozenset[str]:
    """Every text that a spec writes under a key `path`: among them the files that it refers to."""
    return frozenset(path for document in documents for path in texts_at(document.node, "path"))
