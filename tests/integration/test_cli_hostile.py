"""The command line where the world is hostile: closed streams, odd locales, missing files, signals. No traceback."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.engine import ENVIRONMENT, ROOT, TEAM, batch_job, service
from tests.integration.git_server import git
from yardarm_reconciler import pipeline
from yardarm_reconciler.cli import entry

pytestmark = pytest.mark.slow  # half a second of a new program each

YARDARM = (sys.executable, "-c", "from yardarm_reconciler.cli import main; main()")
SECRET = "hunter2-is-no-passphrase"  # noqa: S105 - it is one, for tests


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A config repository without git, with a name that needs more than ASCII."""
    root = tmp_path / "Größe"
    for path, text in {
        "yardarm.yaml": ROOT,
        "platform/dev.yaml": str(ENVIRONMENT).replace("'", '"'),
        "platform/nlp.yaml": TEAM,
        "workloads/api.yaml": service("api", env={"GREETING": "größer → 日本"}),
        "workloads/etl.yaml": batch_job("etl"),
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def yardarm(*args: object, env: dict[str, str] | None = None, **streams: object) -> tuple[int, str, str]:
    """Run the program: its exit code and what it said."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    done = subprocess.run(
        [*YARDARM, *map(str, args)], env=env, check=False, timeout=60, stdin=subprocess.DEVNULL, **streams
    )
    told = [(each or b"").decode("utf-8", "replace") for each in (done.stdout, done.stderr)]
    assert "Traceback" not in told[1], told[1]
    return done.returncode, *told


def bare(**more: str) -> dict[str, str]:
    """Nothing of the caller's environment: no HOME, no locale, no PATH but for git."""
    return {"PATH": os.environ["PATH"], "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"} | more


def test_a_sync_without_home_in_the_c_locale_on_an_old_terminal(repository, tmp_path):
    """A container has no HOME, an old terminal neither width nor UTF-8: everything works, manifests are the same."""
    target = ("--directory", tmp_path / "out", "--working-tree", "-C", repository)

    code, out, err = yardarm("sync", "-e", "dev", *target, env=bare(LC_ALL="C", COLUMNS="40"))
    assert (code, err.isascii(), out.isascii()) == (0, True, True), out + err

    there = yardarm("render", "-e", "dev", "-C", repository, env=bare(LC_ALL="C"))
    assert there == yardarm("render", "-e", "dev", "-C", repository)


@pytest.mark.parametrize(
    ("redirected", "code"),
    [
        ("explain >&-", 0),
        ("explain >/dev/full", 2),
        ("explain 2>&- >&-", 0),
        ("nonsense 2>&-", 2),
        ("explain nonsense/code 2>/dev/full", 2),
    ],
)
def test_streams_that_are_closed_or_full(redirected, code):
    """Nothing to write to is no error of the specs, and what cannot be written is told."""
    program = f"'{sys.executable}' -c 'from yardarm_reconciler.cli import main; main()' {redirected}"
    done = subprocess.run(["/bin/bash", "-c", program], check=False, capture_output=True, timeout=60)

    assert done.returncode == code
    assert b"Traceback" not in done.stderr


def test_whoever_stops_reading_stops_us():
    """As `yardarm explain | head -1` does once head has its line: the exit code is that of a broken pipe."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody_reads:
        command = [sys.executable, "-c", "from yardarm_reconciler.cli import main; main()", "explain"]
        done = subprocess.run(command, check=False, stdout=nobody_reads, stderr=subprocess.PIPE, timeout=60)

    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("run", "--config", "/nowhere/settings.yaml"), 2),
        (("run", "--config", "/"), 2),
        (("status", "--config", sys.executable), 2),
        (("status", "--config", os.devnull), 2),
        (("sync", "-e", "dev"), 2),
        (("sync", "-e", "dev", "--directory", "x", "--context", "y"), 2),
        (("sync", "-e", "dev", "--context", "y"), 2),
        (("confirm", "abc", "-e", "dev", "--directory", "OUT", "--working-tree"), 2),
        (("confirm", "0" * 12, "-e", "dev", "--directory", "OUT", "--working-tree"), 1),
        (("sync", "-e", "dev", "--directory", os.devnull, "--working-tree"), 5),
        (("sync", "-e", "dev", "--directory", "OUT"), 2),
        (("schema", "--write", f"{os.devnull}/x"), 2),
        (("validate", "--revision", "--upload-pack=true"), 2),
        (("validate", "workload"), 2),
        (("validate", "/etc"), 2),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(repository, tmp_path, args, code):
    """Missing files, files that are something else, options that exclude each other, digests that nobody printed."""
    args = [str(tmp_path / "out") if each == "OUT" else each for each in args]
    env = dict(os.environ, KUBECONFIG=str(tmp_path / "none"), GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    found, _, err = yardarm(*args, env=env, cwd=repository)

    assert found == code, err
    assert 0 < len(err.splitlines()) <= 4


def test_a_second_environment_in_one_directory_is_refused(repository, tmp_path):
    """A directory is one unit's: another one's objects would be taken for strays, or deleted."""
    other = str(ENVIRONMENT).replace("'", '"').replace('"name": "dev"', '"name": "other"')
    (repository / "platform/other.yaml").write_text(other)
    target = ("--directory", tmp_path / "out", "--working-tree", "-C", repository)
    assert yardarm("sync", "-e", "dev", *target)[0] == 0

    code, _, err = yardarm("sync", "-e", "other", *target)

    assert code == 2
    assert "dev@" in err


def test_a_unit_whose_inventory_is_damaged_hides_no_other(repository, tmp_path):
    """Status tells of every unit, and of the one that it cannot read that."""
    other = str(ENVIRONMENT).replace("'", '"').replace('"name": "dev"', '"name": "other"')
    (repository / "platform/other.yaml").write_text(other.replace('"cluster": "dev"', '"cluster": "other"'))
    git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=All")
    settings = repository.parent / "settings.yaml"
    settings.write_text(
        "apiVersion: settings.yardarm.dev/v1alpha1\nkind: Settings\n"
        f"sources: {{here: {{path: {repository}}}}}\nclusters: {{dev: {{directory: a}}, other: {{directory: b}}}}\n"
        "units: [{id: u-1, environment: dev, source: here, cluster: dev},"
        " {id: u-2, environment: other, source: here, cluster: other}]\n"
    )
    assert yardarm("sync", "-e", "dev", "--config", settings)[0] in {0, 3}
    next((tmp_path / "a" / ".yardarm").glob("shard-*")).write_bytes(b"damaged")

    code, out, err = yardarm("status", "--config", settings)

    assert code == 5, err
    assert "damaged" in out
    assert "other" in out


def test_a_full_disk_fails_the_sync_and_loses_nothing(repository, tmp_path):
    """Writes fail from some file on: exit 5 or 4, and the next sync finishes."""
    target = ("--directory", tmp_path / "out", "--working-tree", "-C", repository)

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    code, _, _ = yardarm("sync", "-e", "dev", *target, preexec_fn=small_files)
    assert code in {4, 5}
    assert yardarm("sync", "-e", "dev", *target)[0] == 0
    assert yardarm("diff", "-e", "dev", *target)[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_reconciler_and_leaves_a_whole_inventory(repository, tmp_path, number):
    """It stops within seconds, without a traceback, and a sync afterwards has nothing to do."""
    settings = tmp_path / "settings.yaml"
    target = ("--directory", tmp_path / "out", "--working-tree", "-C", repository)
    with subprocess.Popen(
        [*YARDARM, "run", "-e", "dev", *map(str, target)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        _, err = process.communicate(timeout=20)

    assert (process.returncode, b"Traceback" in err) == (0, False)
    assert not settings.exists()
    assert yardarm("diff", "-e", "dev", *target)[0] == 0


def test_a_bug_prints_places_and_no_values(repository, monkeypatch, capsys):
    """Exit 70: the message of an unexpected error holds the unexpected value, which may be a secret."""

    def fail(*_: object, **__: object) -> None:
        with contextlib.suppress(KeyError):
            raise KeyError(SECRET)
        raise ValueError(SECRET)

    monkeypatch.setattr(pipeline, "load", fail)
    monkeypatch.setattr(sys, "argv", ["yardarm", "validate", "-C", str(repository)])
    with pytest.raises(SystemExit) as stop:
        entry.main()

    told = capsys.readouterr()
    assert stop.value.code == 70
    assert "ValueError" in told.err
    assert SECRET not in told.out + told.err


def test_no_secret_of_a_spec_is_printed(repository):
    """It is refused, by name and place, and stands in no output, whatever the format; nor if the YAML is broken."""
    whole = service("api", env={"DB_PASSWORD": SECRET})
    broken = whole.replace(SECRET, f"{SECRET}: x")

    for text, form in ((broken, "human"), (whole, "human"), (whole, "concise"), (whole, "json")):
        (repository / "workloads/api.yaml").write_text(text)
        code, out, err = yardarm("validate", "-C", repository, "--format", form)
        assert code == 1
        assert SECRET not in out + err
    assert SECRET not in str(yardarm("render", "-e", "dev", "-C", repository))
