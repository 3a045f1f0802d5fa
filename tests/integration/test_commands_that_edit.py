"""Commands that change files of a config repository: what they write, what they refuse, and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editing import fails, run
from tests.integration.engine import ROOT, TEAM
from tests.integration.git_server import git

DIGEST = "@sha256:" + "0a" * 32
PLATFORM = """
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: NAME}
spec: {cluster: NAME, groups: [all], policy: {registries: [registry.example.com], requireDigest: DIGEST}}
"""
CHAT = f"""\
# The assistant.   (with a comment)
apiVersion: yardarm.dev/v1alpha1
kind: Service
metadata: {{name: chat, team: nlp}}
spec:
  image: "registry.example.com/chat:1{DIGEST}" # pinned
  resources: {{memory: 1Gi}}
  ports: {{http: 8080}}
  sidecars:
    proxy: {{image: registry.example.com/proxy:1{DIGEST}, resources: {{memory: 1Gi}}}}
  environments:
    staging:
      replicas: 2
    production: {{replicas: 3}}
"""
PIPELINE = f"""\
apiVersion: yardarm.dev/v1alpha1
kind: Pipeline
metadata: {{name: refresh, team: nlp}}
spec:
  defaults: {{image: registry.example.com/refresh:1{DIGEST}, resources: {{memory: 1Gi}}}}
  steps:
    extract: {{run: extract}}
    train: {{needs: [extract], run: train}}
  environments: {{all: {{}}}}
---
apiVersion: yardarm.dev/v1alpha1
kind: Volume
metadata: {{name: disk, team: nlp}}
spec: {{size: 1Gi, environments: {{staging: {{}}}}}}
"""
FILE = "workloads/chat.yaml"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A service, a pipeline and a volume in two environments, of which the second demands digests."""
    files = {
        "yardarm.yaml": ROOT,
        "platform/staging.yaml": PLATFORM.replace("NAME", "staging").replace("DIGEST", "false"),
        "platform/production.yaml": PLATFORM.replace("NAME", "production").replace("DIGEST", "true"),
        "platform/nlp.yaml": TEAM,
        FILE: CHAT,
        "workloads/refresh.yaml": PIPELINE,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def test_an_image_is_set_in_its_line(repository: Path):
    """Quotes and comment stay, the mode of the file too, and the change is shown."""
    (repository / FILE).chmod(0o640)

    code, done = run(repository, "set-image", "nlp/chat", f"registry.example.com/chat:2{DIGEST}")

    assert code == 0
    assert (repository / FILE).read_text() == CHAT.replace("chat:1", "chat:2")
    assert (repository / FILE).stat().st_mode & 0o777 == 0o640
    assert f'\n+  image: "registry.example.com/chat:2{DIGEST}" # pinned\n' in done.stdout
    assert {file.name for file in (repository / "workloads").iterdir()} == {"chat.yaml", "refresh.yaml"}


def test_an_image_of_one_environment_is_an_override(repository: Path):
    """The spec keeps its own, and whoever changes that is told that this environment does not follow."""
    run(repository, "set-image", "nlp/chat", "registry.example.com/chat:2", "-e", "staging")

    assert (repository / FILE).read_text() == CHAT.replace(
        "      replicas: 2\n", "      replicas: 2\n      image: registry.example.com/chat:2\n"
    )
    _, done = run(repository, "set-image", "nlp/chat", f"registry.example.com/chat:3{DIGEST}")
    assert "staging keeps an image of its own: workloads/chat.yaml:14:14" in done.stderr


@pytest.mark.parametrize(
    ("workload", "part", "line"),
    [
        ("nlp/chat", "proxy", "    proxy: {image: NEW, resources: {memory: 1Gi}}"),
        ("nlp/chat", "sidecars.proxy", "    proxy: {image: NEW, resources: {memory: 1Gi}}"),
        ("nlp/refresh", "", "  defaults: {image: NEW, resources: {memory: 1Gi}}"),
        ("nlp/refresh", "train", "    train: {needs: [extract], run: train, image: NEW}"),
    ],
)
def test_parts_have_images_of_their_own(repository: Path, workload: str, part: str, line: str):
    """A sidecar, a step; what all steps share is the pipeline's own."""
    new = f"registry.example.com/other:2{DIGEST}"

    code, done = run(repository, "set-image", workload, new, *(("--part", part) if part else ()))

    assert code == 0
    assert [each[1:] for each in done.stdout.splitlines()[3:] if each.startswith("+")] == [
        line.replace("NEW", new)
    ]


def test_what_would_be_wrong_is_not_written(repository: Path):
    """An image without a digest for an environment that demands one."""
    code, done = run(repository, "set-image", "nlp/chat", "registry.example.com/chat:2")

    assert code == 1
    assert "error[policy/require-digest]" in done.stderr
    assert (repository / FILE).read_text() == CHAT


def test_errors_that_were_there_before_do_not_hinder(repository: Path):
    """Those of other files, and of this one, as long as there is none besides."""
    (repository / "workloads/refresh.yaml").write_text("kind: Servce\n")

    code, _ = run(repository, "set-image", "nlp/chat", f"registry.example.com/chat:2{DIGEST}")

    assert (code, "chat:2" in (repository / FILE).read_text()) == (0, True)


@pytest.mark.parametrize("command", [("set-image", "nlp/chat", f"registry.example.com/chat:2{DIGEST}"),
                                     ("promote", "nlp/chat", "--from", "staging", "--to", "production")])  # fmt: skip
def test_a_dry_run_shows_and_writes_nothing(repository: Path, command: tuple[str, ...]):
    """The same difference as without."""
    run(repository, "set-image", "nlp/chat", f"registry.example.com/chat:9{DIGEST}", "-e", "staging")
    before = (repository / FILE).read_bytes()

    code, shown = run(repository, *command, "--dry-run")

    assert (code, (repository / FILE).read_bytes()) == (0, before)
    assert run(repository, *command)[1].stdout == shown.stdout != ""
    assert (repository / FILE).read_bytes() != before


def test_what_is_shown_is_a_patch(repository: Path):
    """Git makes the same file of it, though that has no newline at its end."""
    (repository / FILE).write_text(CHAT.rstrip("\n"))
    command = ("set-image", "nlp/chat", f"registry.example.com/chat:2{DIGEST}", "-e", "production")
    (repository / "shown.patch").write_text(run(repository, *command, "--dry-run")[1].stdout)

    git(repository, "apply", "shown.patch")

    patched = (repository / FILE).read_bytes()
    (repository / FILE).write_text(CHAT.rstrip("\n"))
    run(repository, *command)
    assert (repository / FILE).read_bytes() == patched != CHAT.rstrip("\n").encode()


def test_what_is_promoted_runs_there_and_nothing_else_is_another(repository: Path):
    """Images of the workload and of its sidecars; replicas stay what they are, which is said."""
    for part, name in (("", "chat"), ("proxy", "proxy")):
        arguments = ("--part", part) if part else ()
        run(
            repository,
            "set-image",
            "nlp/chat",
            f"registry.example.com/{name}:2{DIGEST}",
            "-e",
            "staging",
            *arguments,
        )
    before = (repository / FILE).read_text()

    code, done = run(repository, "promote", "nlp/chat", "--from", "staging", "--to", "production")

    assert code == 0
    assert "still different: replicas" in done.stderr
    chat, proxy = (f"registry.example.com/{name}:2{DIGEST}" for name in ("chat", "proxy"))
    assert (repository / FILE).read_text() == before.replace(
        "{replicas: 3}", f"{{replicas: 3, image: {chat}, sidecars: {{proxy: {{image: {proxy}}}}}}}"
    )
    assert (
        "nothing to change"
        in run(repository, "promote", "nlp/chat", "--from", "staging", "--to", "production")[1].stderr
    )


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("set-image", "nlp/chat", "Not An Image"), "is no image", 2),
        (("set-image", "nlp/cat", "a:1"), "did you mean 'nlp/chat'", 2),
        (("set-image", "nlp/chat", "a:1", "-e", "dev"), "edit/not-there", 1),
        (("set-image", "nlp/chat", "a:1", "--part", "prox"), "edit/part", 1),
        (("set-image", "nlp/disk", "a:1"), "edit/no-image", 1),
        (("promote", "nlp/chat", "--from", "staging", "--to", "staging"), "are both staging", 2),
        (("promote", "nlp/chat", "--from", "staging", "--to", "prod"), "there are: production, staging", 2),
        (("promote", "nlp/disk", "--from", "staging", "--to", "production"), "edit/not-there", 1),
    ],
)
def test_what_cannot_be_meant_is_refused(repository: Path, arguments: tuple[str, ...], words: str, code: int):
    """With the code of usage where the command is wrong, and that of errors where the specs do not allow it."""
    ended, complaint = fails(repository, *arguments)

    assert (ended, words in complaint) == (code, True), complaint
    assert (repository / FILE).read_text() == CHAT


def test_what_is_no_config_repository_is_not_edited(tmp_path: Path):
    """A clone without yardarm.yaml at its root."""
    git(tmp_path, "init", "-q")

    for command in (("fmt",), ("set-image", "nlp/chat", "a:1"), ("new", "Service", "a")):
        code, complaint = fails(tmp_path, *command)
        assert (code, "yardarm init" in complaint) == (2, True), complaint


# The layout --------------------------------------------------------------------------------------

UNTIDY = CHAT.replace("\n  ", "\n    ").replace("replicas: 2\n", "replicas: 2   \n")


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_a_look_at_the_layout_writes_nothing(repository: Path, option: str):
    """Exit code 1 says that a file would change, and which one."""
    (repository / FILE).write_text(UNTIDY)

    code, done = run(repository, "fmt", option)

    assert (code, FILE in done.stdout) == (1, True)
    assert (repository / FILE).read_text() == UNTIDY


def test_files_are_laid_out_once(repository: Path):
    """Those below the given paths; then there is nothing left to do."""
    for path in (FILE, "platform/nlp.yaml"):
        (repository / path).write_text((repository / path).read_text() + "\n\n")

    code, done = run(repository, "fmt", "workloads")

    assert (code, done.stdout) == (0, f"{FILE}\n")
    assert (repository / FILE).read_text() == CHAT
    assert run(repository, "fmt", "workloads", "--check")[0] == 0
    assert run(repository, "fmt", "--check")[1].stdout.splitlines() == [
        "platform/nlp.yaml",
        "platform/production.yaml",
        "platform/staging.yaml",
        "yardarm.yaml",
    ]


def test_what_is_broken_is_named_and_what_is_not_ours_is_left(repository: Path):
    """The others are laid out nevertheless."""
    broken, foreign = "a: [\n", "kind: Deployment  \n"
    (repository / "workloads/broken.yaml").write_text(broken)
    (repository / "workloads/foreign.yaml").write_text(foreign)
    (repository / FILE).write_text(UNTIDY)

    code, done = run(repository, "fmt")

    assert code == 1
    assert "workloads/broken.yaml:2:1: error[yaml/syntax]" in done.stderr
    assert FILE in done.stdout.splitlines()
    assert (repository / "workloads/broken.yaml").read_text() == broken
    assert (repository / "workloads/foreign.yaml").read_text() == foreign


def test_a_schema_is_named_from_where_each_file_lies(repository: Path):
    """A path is relative to the root on the command line, and to the file in its line."""
    run(repository, "fmt", "--schema", "schema/any.json")

    assert (repository / FILE).read_text() == f"# yaml-language-server: $schema=../schema/any.json\n{CHAT}"
    assert (
        (repository / "yardarm.yaml")
        .read_text()
        .startswith("# yaml-language-server: $schema=schema/any.json\n")
    )


def test_this_repository_is_laid_out():
    """Its own platform specs and its examples."""
    assert run(Path(__file__).parents[2], "fmt", "--check")[1].stdout == ""
