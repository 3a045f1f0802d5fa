"""What can differ between two revisions: the documents that changed, and whatever mentions one of them.

Thousands of specs and one that changed: only that one is worth rendering twice. Whether a document can be affected
is guessed from its text, generously: one too many costs a millisecond, one too few would be a wrong plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from yardarm_reconciler.model.document import Document, Loaded
from yardarm_reconciler.model.mentions import identity, mentioned, mentions
from yardarm_reconciler.ports import File
from yardarm_schema.kinds import WORKLOADS


@dataclass(frozen=True, slots=True)
class Affected:
    """The workload documents of the base that may become something else, and the ids of all that are affected.

    ``documents`` are those of the base, ``context`` what they mention in turn: needed to render them, the same on both
    sides. ``ids`` are those of both sides, ``Kind/team/name``; ``paths`` the files that differ.
    """

    documents: tuple[Document, ...]
    context: tuple[Document, ...]
    ids: frozenset[str]
    paths: frozenset[str]


def touched(base: Iterable[File], head: Iterable[File]) -> frozenset[str]:
    """Paths of files that are not the same on both sides, and of all directories above them."""
    before, after = ({file.path: (file.id, file.mode) for file in files} for files in (base, head))
    paths = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    parents = {path[:end] for path in paths for end in range(len(path)) if path[end] == "/"}
    return frozenset(paths | parents)


def affected(
    base: Loaded, head: Loaded, paths: frozenset[str], also: frozenset[str] = frozenset()
) -> Affected | None:
    """Give what can differ, or None where everything can: the platform, or where specs lie, is not the same.

    Args:
        base: loaded through the same cache as ``head``: a file that is the same gives the very same nodes.
        head: the other side.
        paths: of what differs, see :func:`touched`.
        also: ids that are affected for another reason.
    """
    if base.repository != head.repository or _platform(base) != _platform(head):
        return None
    known = {id(document.node) for document in base.documents}
    same = known & {id(document.node) for document in head.documents}
    changed = [each for side in (base, head) for each in side.documents if id(each.node) not in same]
    ids = {identity(each) for each in changed} | also
    names = {id_.rpartition("/")[2] for id_ in ids}
    rest = [each for each in base.documents if id(each.node) in same and each.kind in WORKLOADS]
    chosen = [each for each in base.documents if id(each.node) not in same and each.kind in WORKLOADS]
    differing = paths
    while found := [each for each in rest if identity(each) in ids or mentions(each.node, names, paths)]:
        chosen += found
        taken = {id(each) for each in found}
        rest = [each for each in rest if id(each) not in taken]
        ids |= {identity(each) for each in found}
        # Who mentions one of these is affected in turn: a circle of waiting workloads has no beginning.
        names, paths = {id_.rpartition("/")[2] for id_ in ids} - names, frozenset()
    return Affected(tuple(chosen), mentioned(chosen, rest), frozenset(ids), differing)


def _platform(side: Loaded) -> Mapping[str, frozenset[int]]:
    """The platform's documents by path, each by the identity of what was read."""
    documents: dict[str, set[int]] = {}
    for each in side.documents:
        if each.kind not in WORKLOADS:
            documents.setdefault(each.path, set()).add(id(each.node))
    return {path: frozenset(ids) for path, ids in documents.items()}
