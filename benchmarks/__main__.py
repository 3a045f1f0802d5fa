"""``python -m benchmarks``: measure, print a table, and with ``--json`` write what was measured.

python -m benchmarks                                   everything, with 1,000 workloads
python -m benchmarks --only cold,noop --workloads 20   a quick look
python -m benchmarks --json benchmarks/results/DATE.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.cases import CASES, Result, cold
from benchmarks.repository import Content
from benchmarks.site import build
from benchmarks.validating import OFFLINE
from tests.controlplane import plane

NAMES = (*CASES, *OFFLINE)
SPECS_A_WORKLOAD = 2
"""Specs that are looked at without a cluster for each workload that is synced: 2,000 beside 1,000."""

PACKAGES = ("yardarm", "pydantic", "PyYAML", "orjson", "kubernetes", "urllib3")
HEADER = ("case", "seconds", "floor", "ratio", "CPU s", "floor CPU", "peak MB", "requests")


def main(arguments: list[str]) -> None:
    """Measure what was asked for."""
    given = _options(arguments)
    chosen = given.only.split(",") if given.only else list(NAMES)
    if unknown := set(chosen) - {*NAMES}:
        raise SystemExit(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory(prefix="yardarm-benchmarks-") as folder:
        results = []
        for result in _results(Path(folder), chosen, given.workloads):
            results.append(result)
            print(f"{result.name}: {result.seconds:.1f} s", file=sys.stderr)
    print(table(results))
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(_as_json(results), indent=2) + "\n")


def table(results: Iterable[Result]) -> str:
    """The results as a table in Markdown."""
    rows = [HEADER, tuple("---" for _ in HEADER), *(_row(each) for each in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(f"| {line} |" for line in lines)


def _row(result: Result) -> tuple[str, ...]:
    requests = ", ".join(f"{number} {verb}" for verb, number in result.requests.items())
    return (
        result.name,
        f"{result.seconds:.2f}",
        f"{result.floor_seconds:.2f}",
        f"{result.ratio:.2f}",
        f"{result.cpu_seconds:.2f}",
        f"{result.floor_cpu_seconds:.2f}",
        f"{result.peak_rss_bytes / 1e6:.0f}",
        requests or "none",
    )


def _results(folder: Path, chosen: list[str], workloads: int) -> Iterator[Result]:
    cases = [case for name, case in CASES.items() if name in chosen]
    if cases:
        control_plane = plane.start(_made(folder / "controlplane"))
        try:
            site = build(control_plane, _made(folder / "site"), Content(workloads))
            if cold not in cases:
                cold(site)
            for case in cases:
                yield case(site)
        finally:
            control_plane.stop()
    for name, case in OFFLINE.items():
        if name in chosen:
            yield case(folder, workloads * SPECS_A_WORKLOAD)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _as_json(results: Iterable[Result]) -> dict[str, object]:
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cpus": os.cpu_count(),
            "architecture": platform.machine(),
            "system": platform.system(),
            "loadAverage": os.getloadavg()[0],
        },
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "results": [{**asdict(each), "ratio": round(each.ratio, 3)} for each in results],
    }


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("--only", metavar="NAME,…", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--workloads", type=int, default=1000, metavar="N", help="workloads that are synced")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
