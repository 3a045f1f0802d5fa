"""``yardarm validate`` and ``plan``: no cluster. The floor is libyaml and pydantic with nothing of ours around them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import mixed
from benchmarks.processes import measure
from benchmarks.repository import Content, check_out, objects
from benchmarks.results import Result
from tests.e2e.harness import YARDARM

LEAST = """
import sys, click, pydantic, yaml
for path in sys.argv[1:]:
    for root in __import__("pathlib").Path(path).rglob("*.yaml"):
        list(yaml.load_all(root.read_bytes(), yaml.CSafeLoader))
"""
"""What any validator of YAML in Python does at least: start, import, and read every file."""


VALIDATE = ("validate",)
PLAN = ("plan", "--base", "HEAD~1", "--head", "HEAD")


def validate(folder: Path, specs: int) -> Result:
    """Check so many specs, in a new process without any cache."""
    return _result("validate", VALIDATE, _checked(folder, specs), specs)


def validate_again(folder: Path, specs: int) -> Result:
    """Check so many specs that were checked before and are as they were."""
    return _again("validate-again", VALIDATE, _checked(folder, specs), specs)


def plan(folder: Path, specs: int) -> Result:
    """Plan a commit that changes one of so many specs, in a new process without any cache."""
    return _result("plan", PLAN, _planned(folder, specs), specs)


def plan_again(folder: Path, specs: int) -> Result:
    """Plan a commit that changes one of so many specs, where they were looked at before."""
    return _again("plan-again", PLAN, _planned(folder, specs), specs)


def render(folder: Path, specs: int) -> Result:
    """Check and render so many specs of all kinds in each of three environments, in a new process without any cache."""
    repository = folder / "rendered"
    mixed.check_out(repository, specs)
    result = _result("render", ("validate", "--format", "json"), repository, specs)
    said = json.loads((folder / "render" / "output").read_bytes())
    return replace(result, objects=sum(each["summary"]["objects"] for each in said["environments"]))


OFFLINE = {
    "validate": validate,
    "validate-again": validate_again,
    "plan": plan,
    "plan-again": plan_again,
    "render": render,
}
"""Cases that need no control plane, by name."""


def _checked(folder: Path, specs: int) -> Path:
    repository = folder / "validated"
    check_out(repository, Content(specs))
    return repository


def _planned(folder: Path, specs: int) -> Path:
    repository = folder / "planned"
    if not repository.exists():
        check_out(repository, Content(specs))
        check_out(repository, Content(specs).changed(0, "1.0.1"))
    return repository


def _again(name: str, command: Sequence[str], repository: Path, specs: int) -> Result:
    """Measure the second of two processes that share a cache."""
    cache = repository.parent / f"{name}-cache"
    measure(_yardarm(command, repository, cache), repository.parent / f"{name}-before")
    return _result(name, command, repository, specs)


def _yardarm(command: Sequence[str], repository: Path, cache: Path) -> list[str]:
    """The program with a cache of its own: what a former run left in a home would be found."""
    return ["/usr/bin/env", f"XDG_CACHE_HOME={cache}", *YARDARM, *command, "-C", str(repository)]


def _result(name: str, command: Sequence[str], repository: Path, specs: int) -> Result:
    least = measure([sys.executable, "-c", LEAST, str(repository)], repository.parent / f"{name}-floor")
    cache = repository.parent / f"{name}-cache"
    cost = measure(_yardarm(command, repository, cache), repository.parent / name)
    if cost.exit_code or least.exit_code:
        raise RuntimeError(f"{name}: {cost.said[-4000:]}{least.said[-4000:]}")
    return Result(
        name=name,
        seconds=cost.seconds,
        cpu_seconds=cost.cpu_seconds,
        peak_rss_bytes=cost.peak_rss_bytes,
        requests={},
        floor_seconds=least.seconds,
        floor_cpu_seconds=least.cpu_seconds,
        workloads=specs,
        objects=objects(specs),
    )
