"""Which files of a tree are specs, which documents are ours, and what is held where that cannot be told."""

from __future__ import annotations

import pytest

from tests.trees import MemoryTree
from yardarm_reconciler.load import load
from yardarm_reconciler.load.files import MAX_FILE_BYTES, MAX_FILES, MAX_REFERENCED_BYTES
from yardarm_reconciler.load.repository import CACHED_FILES, MAX_PATTERNS, VERSIONS
from yardarm_reconciler.load.version import satisfies

ROOT = "apiVersion: yardarm.dev/v1alpha1\nkind: Repository\nspec: {specs: [w]}\n"
SERVICE = "apiVersion: yardarm.dev/v1alpha1\nkind: Service\nmetadata: {name: a, team: t}\n"


def loaded(content, **more):
    """Load a tree that has a yardarm.yaml, by default one that names `w`."""
    arguments = {key: more.pop(key) for key in ("platform", "cache", "version") if key in more}
    return load(MemoryTree({"yardarm.yaml": ROOT, **content}, **more), **{"version": "0.1.0", **arguments})


def problems(found):
    """What was found, as `path:line:column code`."""
    return [f"{d.place} {d.code.name}" for d in found.diagnostics]


def paths(found):
    """The paths of the documents."""
    return [document.path for document in found.value.documents]


def test_the_documents_under_the_spec_paths_are_read():
    """YAML files of either ending, several documents a file, nothing else."""
    two = SERVICE + "---\n" + SERVICE
    found = loaded({"w/a.yaml": two, "w/x/b.yml": SERVICE, "w/readme.md": "x", "other/c.yaml": SERVICE})
    assert (paths(found), problems(found)) == (["w/a.yaml", "w/a.yaml", "w/x/b.yml"], [])
    assert [(d.kind, d.kind_place.line) for d in found.value.documents] == [
        ("Service", 2),
        ("Service", 6),
        ("Service", 2),
    ]


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ("", "yardarm.yaml repository/documents"),
        ("a: [", "yardarm.yaml:1:5 yaml/syntax"),
        (ROOT + "---\n" + ROOT, "yardarm.yaml:5:1 repository/documents"),
        (ROOT.replace("[w]", "[w], version: '>=9'"), "yardarm.yaml:3:29 repository/version"),
        (ROOT.replace("[w]", "w"), "yardarm.yaml:3:15 field/type"),
        (ROOT.replace("Repository", "Service"), "yardarm.yaml:2:7 field/invalid"),
        (
            ROOT.replace("[w]", f"[w], ignore: [{', '.join(['x'] * MAX_PATTERNS)}]"),
            "yardarm.yaml:3:7 repository/too-many-patterns",
        ),
    ],
)
def test_without_a_valid_root_everything_is_held(root, expected):
    """No documents, and no path from which anything may be pruned."""
    found = loaded({"yardarm.yaml": root, "w/a.yaml": SERVICE, "w/b.md": ""})
    assert (problems(found), paths(found)) == ([expected], [])
    assert found.value.broken == {"yardarm.yaml", "w/a.yaml"}


@pytest.mark.parametrize("name", ["yardarm.yml", "Yardarm.yaml", "x/yardarm.yaml"])
def test_a_missing_root_is_an_error(name):
    """Nothing can be told from nothing wanted."""
    found = load(MemoryTree({name: ROOT, "w/a.yaml": SERVICE}), version="0.1.0")
    assert (problems(found), paths(found)) == (["yardarm.yaml repository/missing"], [])
    assert found.value.broken >= {"yardarm.yaml", "w/a.yaml"}
    assert found.value.repository.specs == ()


def test_a_root_that_is_a_link_is_an_error():
    """It could point anywhere."""
    found = loaded({}, modes={"yardarm.yaml": "120000"})
    assert problems(found) == ["yardarm.yaml git/symlink"]


def test_a_path_without_files_is_an_error():
    """A typing error must not look like a deletion."""
    found = loaded({"yardarm.yaml": ROOT.replace("[w]", "[w, x]"), "w/a.yaml": SERVICE})
    assert (problems(found), paths(found)) == (["yardarm.yaml:3:19 repository/no-files"], ["w/a.yaml"])


def test_ignored_files_are_not_read():
    """Whatever is in them."""
    root = ROOT.replace("[w]", '[w], ignore: ["**/drafts", "w/*.tmp.yaml"]')
    found = loaded(
        {"yardarm.yaml": root, "w/a.yaml": SERVICE, "w/x/drafts/y/b.yaml": "[", "w/c.tmp.yaml": "["}
    )
    assert (paths(found), problems(found)) == (["w/a.yaml"], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apiVersion: apps/v1\nkind: Deployment\n", "1:13 document/not-ours"),
        ("apiVersion: yardam.dev/v1alpha1\nkind: Service\n", "1:13 document/not-ours"),
        ("apiVersion: yardarm.dev/v1\nkind: Service\n", "1:13 document/not-ours"),
        ("apiVersion: 1\nkind: Service\n", "1:13 document/not-ours"),
        ("apiVersoin: yardarm.dev/v1alpha1\nkind: Service\n", "1:1 document/not-ours"),
        ("kind: Service\n", "1:1 document/not-ours"),
        ("- a\n", "1:1 document/not-ours"),
        ("text\n", "1:1 document/not-ours"),
        ("apiVersion: yardarm.dev/v1alpha1\n", "1:1 document/kind"),
        ("apiVersion: yardarm.dev/v1alpha1\nkind: [Service]\n", "2:7 document/kind"),
        ("apiVersion: yardarm.dev/v1alpha1\nkind: Servce\n", "2:7 document/kind"),
        ("apiVersion: yardarm.dev/v1alpha1\nkind: Repository\n", "2:7 document/kind"),
        ("apiVersion: yardarm.dev/v1alpha1\nkind: Team\nmetadata: {name: *x}\n", "3:18 yaml/alias"),
        ("a: [", "1:5 yaml/syntax"),
        ("a: \0", "1:4 yaml/control"),
    ],
)
def test_what_cannot_be_told_is_broken(text, expected):
    """A typing error holds what came from the file, and the documents beside it are still read."""
    found = loaded({"w/a.yaml": SERVICE, "w/b.yaml": text})
    assert (problems(found), paths(found)) == ([f"w/b.yaml:{expected}"], ["w/a.yaml"])
    assert found.value.broken == {"w/b.yaml"}


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("apiVersion: yardam.dev/v1alpha1\nkind: Service\n", 'did you mean "yardarm.dev/v1alpha1"?'),
        ("apiVersion: yardarm.dev/v1alpha1\nkind: Batchjob\n", 'did you mean "BatchJob"?'),
    ],
)
def test_a_near_miss_is_recognised(text, fix):
    """The reader is told what was probably meant."""
    [problem] = loaded({"w/a.yaml": text}).diagnostics
    assert problem.fix == fix


def test_a_file_that_a_spec_refers_to_need_not_be_a_spec():
    """Configuration for an application may lie beside its spec; what looks like a spec is still one."""
    spec = SERVICE + "spec: {files: {/a: {path: w/conf.yaml}, /b: {path: w/typo.yaml}}}\n"
    typo = SERVICE.replace("yardarm", "yardam")
    found = loaded({"w/a.yaml": spec, "w/conf.yaml": "level: 3\n", "w/typo.yaml": typo})
    assert problems(found) == ["w/typo.yaml:1:13 document/not-ours"]
    assert found.value.broken == {"w/typo.yaml"}


@pytest.mark.parametrize(
    ("root", "narrowed", "accepted"),
    [
        ("[w]", None, set()),
        ("[w], platform: [w]", None, {"w/p/e.yaml", "w/q/e.yaml"}),
        ("[w], platform: [w/p]", None, {"w/p/e.yaml"}),
        ("[w], platform: [w/p]", ("w/**",), {"w/p/e.yaml"}),
        ("[w]", ("w/q",), set()),
        ("[w], platform: [w]", ("w/q",), {"w/q/e.yaml"}),
        ("[w], platform: [w/p]", ("w/q",), set()),
        ("[w], platform: [w]", (), set()),
    ],
)
def test_platform_specs_come_from_platform_paths_only(root, narrowed, accepted):
    """The repository says which, the operator may narrow them further, neither can widen the other's."""
    team = SERVICE.replace("Service", "Team")
    tree = {"yardarm.yaml": ROOT.replace("[w]", root), "w/p/e.yaml": team, "w/q/e.yaml": team}
    found = loaded(tree, platform=narrowed)
    refused = {d.place.path for d in found.diagnostics if d.code.name == "platform/misplaced"}
    assert (set(paths(found)), refused) == (accepted, {"w/p/e.yaml", "w/q/e.yaml"} - accepted)


@pytest.mark.parametrize(
    ("path", "mode", "code"),
    [
        ("w/a.yaml", "120000", "git/symlink"),
        ("w/dir", "120000", "git/symlink"),
        ("w/sub", "160000", "git/submodule"),
        ("w/../a.yaml", "100644", "git/path"),
        ("w/./a.yaml", "100644", "git/path"),
        ("w//a.yaml", "100644", "git/path"),
        ("w/.git/a.yaml", "100644", "git/path"),
        ("w/.GIT/a.yaml", "100644", "git/path"),
        ("w/a\\x0a.yaml", "100644", "git/path"),
        ("w/a\u202e.yaml", "100644", "git/path"),
        (f"w/{'a' * 1024}.yaml", "100644", "git/path"),
    ],
)
def test_entries_that_are_no_plain_files_are_refused(path, mode, code):
    """And never read."""
    tree = MemoryTree({"yardarm.yaml": ROOT, path: SERVICE}, modes={path: mode})
    found = load(tree, version="0.1.0")
    assert (problems(found), found.value.broken) == ([f"{path} {code}"], {path})
    assert tree.was_read == ["yardarm.yaml"]


def test_an_executable_file_is_a_file():
    """The bit means nothing here."""
    assert problems(loaded({"w/a.yaml": SERVICE}, modes={"w/a.yaml": "100755"})) == []


def test_a_path_that_is_listed_twice_is_refused():
    """Only a broken tree has that, and which of the two is meant cannot be told."""

    class Twice(MemoryTree):
        def files(self):
            return sorted([*MemoryTree.files(self)] * 2, key=lambda file: file.path)

    found = load(Twice({"yardarm.yaml": ROOT}), version="0.1.0")
    assert problems(found) == ["yardarm.yaml git/path"]


def test_a_big_file_is_refused_by_its_size():
    """Before it is read."""
    tree = MemoryTree({"yardarm.yaml": ROOT, "w/a.yaml": SERVICE}, sizes={"w/a.yaml": MAX_FILE_BYTES + 1})
    found = load(tree, version="0.1.0")
    assert (problems(found), found.value.broken) == (["w/a.yaml document/too-big"], {"w/a.yaml"})
    assert tree.was_read == ["yardarm.yaml"]


def test_a_repository_is_capped_in_bytes():
    """What is beyond the cap is held, not forgotten."""
    names = [f"w/{i:03}.yaml" for i in range(70)]
    found = loaded(dict.fromkeys(names, SERVICE), sizes=dict.fromkeys(names, MAX_FILE_BYTES))
    assert (paths(found), found.value.broken) == (names[:64], set(names[64:]))
    assert problems(found) == ["w/064.yaml document/too-many"]


def test_a_repository_is_capped_in_files():
    """As above."""
    names = [f"w/{i:05}.yaml" for i in range(MAX_FILES + 2)]
    found = loaded(dict.fromkeys(names, ""))
    assert (found.value.broken, problems(found)) == (set(names[-2:]), [f"{names[-2]} document/too-many"])


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "w/..", "../x", "/w/f", "w//f", "./w/f", "w/./f", "w\\f", "~/f", "%2e%2e/f", "w", "w/", "w/f/", "w/link", "w/sub", "w/big", "W/F"],
)  # fmt: skip
def test_only_files_of_the_tree_can_be_referred_to(path):
    """By their exact path from the root: no other spelling, no link, no submodule, nothing big."""
    tree = {"w/f": "x", "w/link": "/etc/passwd", "w/sub": "", "w/big": ""}
    modes = {"w/link": "120000", "w/sub": "160000"}
    read_file = loaded(tree, modes=modes, sizes={"w/big": MAX_REFERENCED_BYTES + 1}).value.read_file
    assert (read_file("w/f"), read_file(path)) == (b"x", None)


def test_a_file_is_parsed_once():
    """As long as its path and bytes stay the same."""
    cache = {}
    first = loaded({"w/a.yaml": SERVICE, "w/b.yaml": SERVICE}, cache=cache)
    tree = MemoryTree({"yardarm.yaml": ROOT, "w/a.yaml": SERVICE, "w/b.yaml": SERVICE + "spec: {}\n"})
    second = load(tree, cache=cache, version="0.1.0")
    assert tree.was_read == ["w/b.yaml"]
    assert second.value.documents[0].node is first.value.documents[0].node


def test_the_cache_forgets_what_was_used_longest_ago():
    """It is bounded, and never at the cost of what was just read."""
    cache = {(f"old{i}", "0"): None for i in range(CACHED_FILES)}
    loaded({"w/a.yaml": SERVICE}, cache=cache)
    assert len(cache) == CACHED_FILES
    assert ("old0", "0") not in cache
    assert ("old2", "0") in cache
    assert [path for path, _ in list(cache)[-2:]] == ["yardarm.yaml", "w/a.yaml"]


def test_the_cache_forgets_old_versions_of_a_file():
    """One that changes every day is not kept for ever."""
    cache = {("w/a.yaml", str(i)): None for i in range(10)}
    loaded({"w/a.yaml": SERVICE}, cache=cache)

    ids = [id_ for path, id_ in cache if path == "w/a.yaml"]
    assert ids[:-1] == [str(i) for i in range(10)][1 - VERSIONS :]
    assert len(ids) == VERSIONS


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("0.1.0", ">=0.1,<0.2", True),
        ("0.2.0", ">=0.1,<0.2", False),
        ("0.10.0", ">=0.9", True),
        ("0.1.5", "==0.1", False),
        ("0.1.0", "==0.1", True),
        ("0.1.0", "!=0.1", False),
        ("0.1.7", "~=0.1.5", True),
        ("0.2.0", "~=0.1.5", False),
        ("0.9.0", "~=0.1", True),
        ("1.0.0", "~=0.1", False),
        ("0.1.0", ">0.1", False),
        ("0.1.0", "<=0.1", True),
        ("0.2.0.dev3+g1", ">=0.2", True),
    ],
)
def test_a_version_is_compared_by_its_numbers(version, wanted, expected):
    """As packages are."""
    assert satisfies(version, wanted) is expected
