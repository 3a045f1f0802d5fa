"""Finds the control plane's binaries, or builds them: environment, then cache, then Go."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.toolchain import find_go
from tests.controlplane.versions import (
    BINARIES,
    FOLDER,
    KWOK_MODULE,
    KWOK_STAGES,
    PROGRAMS,
    Binary,
    cache_key,
    linker_flags,
)

HEARTBEAT_SECONDS = 30  # a silent terminal looks like a hang
STAGES = "stages"


class BuildError(Exception):
    """The binaries could not be built; the message carries the end of the compiler's output."""


@dataclass(frozen=True, slots=True)
class Assets:
    """Every program by its name, and the folder of kwok's stages."""

    programs: Mapping[str, Path]
    stages: Path


def assets() -> Assets:
    """Return the binaries, building them if neither the environment nor the cache has them.

    A build takes about 11 minutes on 2 cores when cold; a second process waits for the first.

    Raises:
        BuildError: a `go` command failed.
        OSError: the cache cannot be written.
    """
    return _from_environment(os.environ) or _from_cache() or _build()


def _from_environment(environ: Mapping[str, str]) -> Assets | None:
    """The envtest convention: KUBEBUILDER_ASSETS is a folder, TEST_ASSET_<NAME> one file of it."""
    folder = environ.get("KUBEBUILDER_ASSETS")
    single = {name: environ.get(f"TEST_ASSET_{name.upper().replace('-', '_')}") for name in PROGRAMS}
    if not folder and not any(single.values()):
        return None
    root = Path(folder or os.devnull)
    programs = {name: Path(file) if file else root / name for name, file in single.items()}
    missing = [name for name, file in programs.items() if not os.access(file, os.X_OK)]
    if not (root / STAGES).is_dir():
        missing.append(f"{STAGES}/")
    if missing:
        # envtest's own archives hold only kube-apiserver, etcd and kubectl.
        _say(f"KUBEBUILDER_ASSETS and TEST_ASSET_* are not used: they lack {', '.join(missing)}")
        return None
    return Assets(programs, root / STAGES)


def _from_cache() -> Assets | None:
    folder = cache_folder() / cache_key()
    return _assets_in(folder) if folder.is_dir() else None


def cache_folder() -> Path:
    """Return where builds are kept: `controlplane` under the user's cache (XDG_CACHE_HOME)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "yardarm" / "controlplane"


def _assets_in(folder: Path) -> Assets:
    return Assets({name: folder / name for name in PROGRAMS}, folder / STAGES)


def _build() -> Assets:
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / f"{cache_key()}.lock"):
        if (found := _from_cache()) is not None:  # another process built while we waited
            return found
        go = find_go(cache, _say)
        minutes = sum(binary.cold_minutes for binary in BINARIES)
        _say(
            f"building the control plane, once: about {minutes:.0f} minutes on 2 cores, under 1 if Go's cache is warm"
        )
        with tempfile.TemporaryDirectory(dir=cache, prefix="building-") as scratch:
            target = Path(scratch) / "assets"
            target.mkdir()
            for binary in BINARIES:
                _compile(go, binary, target)
            _copy_stages(go, target / STAGES)
            # A rename is all or nothing: whoever sees the folder sees all of it.
            target.rename(cache / cache_key())
    return _assets_in(cache / cache_key())


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another process is building the control plane: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _compile(go: Path, binary: Binary, target: Path) -> None:
    started = time.monotonic()
    first, *others = binary.names
    command: list[Path | str] = [go, "build", "-buildvcs=false", "-trimpath", "-ldflags", linker_flags()]
    _run([*command, "-o", target / first, binary.package], binary.module, " and ".join(binary.names))
    for name in others:
        (target / name).symlink_to(first)  # main.go looks at the name that it is called by
    _say(f"built {', '.join(binary.names)} in {time.monotonic() - started:.0f} s")


def _copy_stages(go: Path, target: Path) -> None:
    module = Path(_run([go, "list", "-m", "-f", "{{.Dir}}", KWOK_MODULE], "kwok", "kwok's stages").strip())
    target.mkdir()
    for folder in KWOK_STAGES:
        for file in sorted((module / folder).glob("*.yaml")):
            if file.name != "kustomization.yaml":
                shutil.copyfile(file, target / file.name)


def _run(command: list[Path | str], module: str, what: str) -> str:
    """Run `go` in one of our modules, saying now and then that it is alive; return its output."""
    # GOWORK=off: a workspace above this checkout would replace our modules' versions.
    environment = os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"}
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=FOLDER / module,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while True:
            try:
                output, errors = process.communicate(timeout=HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                _say(f"still building {what}: {time.monotonic() - started:.0f} s")
    if process.returncode != 0:
        raise BuildError(f"go failed on {what} (exit {process.returncode}):\n{errors[-4000:]}")
    return output


def _say(line: str) -> None:
    sys.stderr.write(f"[controlplane] {line}\n")
    sys.stderr.flush()
