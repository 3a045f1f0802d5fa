"""``yardarm validate``: no cluster. The floor is libyaml and pydantic with nothing of ours around them."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.cases import Result
from benchmarks.processes import measure
from benchmarks.repository import Content, check_out, objects
from tests.e2e.harness import YARDARM

LEAST = """
import sys, click, pydantic, yaml
for path in sys.argv[1:]:
    for root in __import__("pathlib").Path(path).rglob("*.yaml"):
        yaml.load(root.read_bytes(), yaml.CSafeLoader)
"""
"""What any validator of YAML in Python does at least: start, import, and read every file."""


def validate(folder: Path, specs: int) -> Result:
    """Check so many specs, in a new process without any cache."""
    repository = folder / "validated"
    check_out(repository, Content(specs))
    least = measure([sys.executable, "-c", LEAST, str(repository)], folder / "validate-floor")
    cost = measure([*YARDARM, "validate", "-C", str(repository)], folder / "validate")
    if cost.exit_code or least.exit_code:
        raise RuntimeError(f"validate: {cost.said[-4000:]}{least.said[-4000:]}")
    return Result(
        name="validate",
        seconds=cost.seconds,
        cpu_seconds=cost.cpu_seconds,
        peak_rss_bytes=cost.peak_rss_bytes,
        requests={},
        floor_seconds=least.seconds,
        floor_cpu_seconds=least.cpu_seconds,
        workloads=specs,
        objects=objects(specs),
    )
