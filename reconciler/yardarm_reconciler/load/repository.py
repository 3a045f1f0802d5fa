"""A config repository at one revision: ``yardarm.yaml``, and every document under the paths that it names."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from typing import Any, TypeAlias

from yardarm_reconciler.load import codes
from yardarm_reconciler.load.catalogue import catalogue
from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.load.documents import Foreign, identify, referenced_paths
from yardarm_reconciler.load.files import is_spec_name, reader, select
from yardarm_reconciler.load.version import satisfies
from yardarm_reconciler.model.document import Document, Loaded, ReadDocuments, ReadFile
from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import Diagnostic, Found, Place, in_order
from yardarm_reconciler.model.paths import matches, matches_any
from yardarm_reconciler.model.typed import typed
from yardarm_reconciler.ports import File, Tree
from yardarm_schema.repository import Repository, RepositoryDocument

ROOT = "yardarm.yaml"
"""The file that makes a git repository a config repository."""

MAX_PATTERNS = 200
"""Patterns in ``yardarm.yaml``, all lists together."""

CACHED_FILES = 5_000
"""Files whose documents are remembered between loads; one of 100 lines takes some 60 kB."""

VERSIONS = 4
"""Of one file that are remembered: environments may follow several revisions, and what is old is not met again."""

Cache: TypeAlias = MutableMapping[tuple[str, str], Found[tuple[Node, ...]]]
"""Documents by path and blob id, in order of use."""

_NOTHING = Repository.model_construct(specs=(), platform=(), ignore=(), version=None)


def load(
    tree: Tree,
    *,
    platform: tuple[str, ...] | None = None,
    cache: MutableMapping[Any, Any] | None = None,
    version: str | None = None,
) -> Found[Loaded]:
    """Read all documents of a tree.

    Where ``yardarm.yaml`` does not hold, there are no documents, and it and every YAML file of the tree are
    broken: nothing that came from one may be pruned.

    Args:
        tree: a commit or a working tree.
        platform: patterns that narrow those of ``yardarm.yaml`` from which platform specs are accepted.
        cache: files composed by earlier loads; changed in place.
        version: of the program; None means the one that is installed.

    Raises:
        TransientError: the tree cannot be read completely.
    """
    files = tree.files()
    parsed: Cache = {} if cache is None else cache
    root = _root(tree, files, parsed, version or importlib.metadata.version("yardarm"))
    if root.value is None:
        broken = frozenset({ROOT, *(file.path for file in files if is_spec_name(file.path))})
        loaded = Loaded(tree.revision, _NOTHING, (), broken, *_readers(tree, files), catalogue())
        return Found(loaded, in_order(root.diagnostics))
    repository = root.value
    selection = select(_but_root(files), (*repository.specs, *repository.platform), repository.ignore)
    documents = _documents(_composed(tree, selection.files, parsed), repository, platform)
    loaded = Loaded(
        tree.revision,
        repository,
        documents.value[0],
        selection.broken | documents.value[1],
        *_readers(tree, files),
        catalogue(),
    )
    return Found(loaded, in_order((*root.diagnostics, *selection.problems, *documents.diagnostics)))


def _readers(tree: Tree, files: Sequence[File]) -> tuple[ReadFile, ReadDocuments]:
    """What specs read other files of the tree by: as bytes, and as YAML."""
    read_file = reader(tree, files)

    def read_documents(path: str) -> Found[tuple[Node, ...]] | None:
        data = read_file(path)
        return None if data is None else compose(path, data)

    return read_file, read_documents


# yardarm.yaml ------------------------------------------------------------------------------------


def _root(tree: Tree, files: Sequence[File], cache: Cache, version: str) -> Found[Repository | None]:
    """Read ``yardarm.yaml``; None with the reason where it does not hold."""
    selection = select(files, [ROOT], ())
    if not selection.files:
        near = next((file.path for file in files if file.path.lower() in ("yardarm.yml", ROOT)), "")
        fix = f"rename {near} to {ROOT}" if near and near != ROOT else ""
        return Found(None, selection.problems or (codes.MISSING.at(Place(ROOT), fix=fix),))
    [(_, composed)] = _composed(tree, selection.files, cache)
    if any(problem.is_error for problem in composed.diagnostics):
        return Found(None, composed.diagnostics)
    if len(composed.value) != 1:
        place = composed.value[1].place if composed.value else Place(ROOT)
        return Found(None, (*composed.diagnostics, codes.REPOSITORY.at(place)))
    [node] = composed.value
    document = typed(RepositoryDocument, node)
    if document.value is None:
        return Found(None, (*composed.diagnostics, *document.diagnostics))
    repository = document.value.spec
    fatal = _version(repository, node, version) + _count(repository, node)
    if fatal:
        return Found(None, (*composed.diagnostics, *fatal))
    return Found(repository, (*composed.diagnostics, *_unmatched(repository, node, files)))


def _version(repository: Repository, node: Node, version: str) -> tuple[Diagnostic, ...]:
    if repository.version is None or satisfies(version, repository.version):
        return ()
    message = f"This is Yardarm {version}; the repository wants {repository.version}."
    return (codes.VERSION.at(place_at(node, ("spec", "version")), message, field="spec.version"),)


def _count(repository: Repository, node: Node) -> tuple[Diagnostic, ...]:
    if len(repository.specs) + len(repository.platform) + len(repository.ignore) <= MAX_PATTERNS:
        return ()
    return (codes.TOO_MANY_PATTERNS.at(place_at(node, ("spec",)), f"At most {MAX_PATTERNS} are allowed."),)


def _unmatched(repository: Repository, node: Node, files: Sequence[File]) -> Iterable[Diagnostic]:
    """Find the patterns that match no file at all."""
    for name, patterns in (("specs", repository.specs), ("platform", repository.platform)):
        for index, pattern in enumerate(patterns):
            if not any(matches(pattern, file.path) for file in files):
                place = place_at(node, ("spec", name, index))
                yield codes.PATTERN.at(
                    place, f"No file lies under `{pattern}`.", field=f"spec.{name}[{index}]"
                )


def _but_root(files: Sequence[File]) -> Sequence[File]:
    return [file for file in files if file.path != ROOT]


# Documents ---------------------------------------------------------------------------------------


def _composed(
    tree: Tree, files: Sequence[File], cache: Cache
) -> Sequence[tuple[str, Found[tuple[Node, ...]]]]:
    """Compose every file that is not remembered, and remember it."""
    remembered = {file.path: cache.pop((file.path, file.id), None) for file in files}
    contents = tree.read([file for file in files if remembered[file.path] is None])
    answers = []
    for file in files:
        found = remembered[file.path] or compose(file.path, contents[file.id])
        cache[file.path, file.id] = found  # last in order: used last
        answers.append((file.path, found))
    for key in _needless(tuple(cache)):
        cache.pop(key, None)
    return answers


def _needless(keys: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What need not be remembered, of keys in order of use: the oldest of too many files, and of too many versions of one."""
    yield from keys[: max(0, len(keys) - CACHED_FILES)]
    versions: Counter[str] = Counter()
    for key in reversed(keys):
        versions[key[0]] += 1
        if versions[key[0]] > VERSIONS:
            yield key


def _documents(
    composed: Iterable[tuple[str, Found[tuple[Node, ...]]]],
    repository: Repository,
    platform: tuple[str, ...] | None,
) -> Found[tuple[tuple[Document, ...], frozenset[str]]]:
    """Take the documents that are ours; of the files that hold anything else, give the paths too."""

    def is_platform_path(path: str) -> bool:
        # Where yardarm.yaml names no platform paths there are none: limits and money are not anybody's to set.
        narrowings = (repository.platform, platform)
        return all(matches_any(patterns, path) for patterns in narrowings if patterns is not None)

    documents: list[Document] = []
    problems: list[Diagnostic] = []
    broken: set[str] = set()
    foreign: dict[str, list[Foreign]] = {}
    for path, found in composed:
        problems += found.diagnostics
        if any(problem.is_error for problem in found.diagnostics):
            broken.add(path)
        for node in found.value:
            document = identify(path, node, is_platform_path=is_platform_path)
            if isinstance(document, Document):
                documents.append(document)
            else:
                foreign.setdefault(path, []).append(document)
    referenced = referenced_paths(documents) if foreign else frozenset()
    ours = {document.path for document in documents}
    for path, others in foreign.items():
        if path in referenced - ours - broken and not any(other.meant for other in others):
            continue  # a file that a workload mounts, not a spec
        broken.add(path)
        problems += [other.problem for other in others]
    return Found((tuple(documents), frozenset(broken)), tuple(problems))
