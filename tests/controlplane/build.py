"""Finds the control plane's binaries, or builds them: environment, then cache, then Go."""

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.controlplane.cache import cached, say
from tests.controlplane.toolchain import find_go, run_go
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

STAGES = "stages"


@dataclass(frozen=True, slots=True)
class Assets:
    """Every program by its name, and the folder of kwok's stages."""

    programs: Mapping[str, Path]
    stages: Path


def assets() -> Assets:
    """Return the binaries, building them if neither the environment nor the cache has them.

    A build takes about 11 minutes on 2 cores when cold; a second process waits for the first.

    Raises:
        GoError: a `go` command failed.
        OSError: the cache cannot be written.
    """
    return _from_environment(os.environ) or _from_cache()


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
        say(f"KUBEBUILDER_ASSETS and TEST_ASSET_* are not used: they lack {', '.join(missing)}")
        return None
    return Assets(programs, root / STAGES)


def _from_cache() -> Assets:
    folder = cached(cache_key(), _build)
    return Assets({name: folder / name for name in PROGRAMS}, folder / STAGES)


def _build(target: Path) -> None:
    go = find_go()
    minutes = sum(binary.cold_minutes for binary in BINARIES)
    say(
        f"building the control plane, once: about {minutes:.0f} minutes on 2 cores, under 1 if Go's cache is warm"
    )
    for binary in BINARIES:
        _compile(go, binary, target)
    _copy_stages(go, target / STAGES)


def _compile(go: Path, binary: Binary, target: Path) -> None:
    started = time.monotonic()
    first, *others = binary.names
    command: list[Path | str] = [go, "build", "-buildvcs=false", "-trimpath", "-ldflags", linker_flags()]
    what = f"building {' and '.join(binary.names)}"
    run_go([*command, "-o", target / first, binary.package], FOLDER / binary.module, what)
    for name in others:
        (target / name).symlink_to(first)  # main.go looks at the name that it is called by
    say(f"built {', '.join(binary.names)} in {time.monotonic() - started:.0f} s")


def _copy_stages(go: Path, target: Path) -> None:
    command: list[Path | str] = [go, "list", "-m", "-f", "{{.Dir}}", KWOK_MODULE]
    module = Path(run_go(command, FOLDER / "kwok", "looking for kwok's stages").strip())
    target.mkdir()
    for folder in KWOK_STAGES:
        for file in sorted((module / folder).glob("*.yaml")):
            if file.name != "kustomization.yaml":
                shutil.copyfile(file, target / file.name)
