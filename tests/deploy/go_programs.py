"""What Helm and Prometheus make of our files, by their own code: each built once, as the control plane's programs are."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from functools import cache
from pathlib import Path

from tests.controlplane.cache import cached, say
from tests.controlplane.toolchain import find_go, run_go

FOLDER = Path(__file__).parent


class RefusedError(Exception):
    """The program refused what it was given; the message has its words."""


def run(name: str, *arguments: str | Path, given: str) -> str:
    """What the program in a folder beside this file prints, built first where it is not in the cache.

    Raises:
        RefusedError: it refuses what it is given.
        GoError: it cannot be built.
    """
    done = subprocess.run(
        [_built(name), *arguments], input=given, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode != 0:
        raise RefusedError(done.stderr)
    return done.stdout


@cache
def _built(name: str) -> Path:
    digest = hashlib.sha256(f"{platform.system()} {platform.machine()}".encode())
    for part in ("go.mod", "go.sum", "main.go"):
        digest.update((FOLDER / name / part).read_bytes())

    def build(target: Path) -> None:
        say(f"building {name} for tests/deploy, once: about 2 minutes on 2 cores")
        command: list[Path | str] = [find_go(), "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w"]
        run_go([*command, "-o", target / name, "."], FOLDER / name, f"building {name}")

    return cached(f"{name}-{digest.hexdigest()[:16]}", build) / name
