"""``yardarm validate`` and ``plan``: no cluster. The floor is libyaml and pydantic with nothing of ours around them."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks import mixed
from benchmarks.cases import Result
from benchmarks.processes import measure
from benchmarks.repository import Content, check_out, objects
from tests.e2e.harness import YARDARM

LEAST = """
import sys, click, pydantic, yaml
for path in sys.argv[1:]:
    for root in __import__("pathlib").Path(path).rglob("*.yaml"):
        list(yaml.load_all(root.read_bytes(), yaml.CSafeLoader))
"""
"""What any validator of YAML in Python does at least: start, import, and read every file."""


def validate(folder: Path, specs: int) -> Result:
    """Check so many specs, in a new process without any cache."""
    repository = folder / "validated"
    check_out(repository, Content(specs))
    return _result("validate", ["validate"], repository, specs)


def plan(folder: Path, specs: int) -> Result:
    """Plan a commit that changes one of so many specs, in a new process without any cache."""
    repository = folder / "planned"
    check_out(repository, Content(specs))
    check_out(repository, Content(specs).changed(0, "1.0.1"))
    return _result("plan", ["plan", "--base", "HEAD~1", "--head", "HEAD"], repository, specs)


def render(folder: Path, specs: int) -> Result:
    """Check and render so many specs of all kinds in each of three environments, in a new process without any cache."""
    repository = folder / "rendered"
    mixed.check_out(repository, specs)
    result = _result("render", ["validate", "--format", "json"], repository, specs)
    said = json.loads((folder / "render" / "output").read_bytes())
    return replace(result, objects=sum(each["summary"]["objects"] for each in said["environments"]))


OFFLINE = {"validate": validate, "plan": plan, "render": render}
"""Cases that need no control plane, by name."""


def _result(name: str, command: list[str], repository: Path, specs: int) -> Result:
    least = measure([sys.executable, "-c", LEAST, str(repository)], repository.parent / f"{name}-floor")
    cost = measure([*YARDARM, *command, "-C", str(repository)], repository.parent / name)
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
