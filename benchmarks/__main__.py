"""``python -m benchmarks``: measure, print a table, and keep what was measured.

python -m benchmarks                                   everything, with 1,000 workloads
python -m benchmarks --only cold,noop --workloads 20   a quick look, beside the last run that was kept
python -m benchmarks --keep --note "An idle machine."  keep it, in history.json and docs/performance.md
python -m benchmarks --compare                         measure nothing: the last two runs that were kept
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import history
from benchmarks.cases import CASES, cold
from benchmarks.page import PAGE, renewed, results_table
from benchmarks.repository import Content
from benchmarks.results import Result, Run
from benchmarks.site import build
from benchmarks.validating import OFFLINE
from tests.controlplane import plane

NAMES = (*CASES, *OFFLINE)
WORKLOADS = 1000
SPECS_A_WORKLOAD = 2
"""Specs that are looked at without a cluster for each workload that is synced: 2,000 beside 1,000."""

PACKAGES = ("yardarm", "pydantic", "PyYAML", "orjson", "kubernetes", "urllib3")
WORSE = 1
"""Exit code where something has become worse."""


def main(arguments: list[str]) -> int:
    """Measure what was asked for, and say what has become of it since."""
    given = _options(arguments)
    kept = history.read()
    if given.compare:
        print("\n".join(history.since(kept)))
        return WORSE if len(kept) > 1 and history.regressions(*kept[-2:]) else 0
    chosen = given.only.split(",") if given.only else list(NAMES)
    if unknown := set(chosen) - {*NAMES}:
        raise SystemExit(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if given.keep and (given.only or given.workloads != WORKLOADS):
        raise SystemExit("only whole runs are kept: without --only and --workloads")
    _as_installed()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="yardarm-benchmarks-") as folder:
        results = []
        for result in _results(Path(folder), chosen, given.workloads):
            results.append(result)
            print(f"{result.name}: {result.seconds:.1f} s", file=sys.stderr)
    run = _run(results, load, given.note)
    print(results_table(results))
    print("\n".join(history.compare(kept[-1], run) if kept else []))
    if given.keep:
        history.keep(run)
        PAGE.write_text(renewed(PAGE.read_text(), run))
    return WORSE if kept and history.regressions(kept[-1], run) else 0


def _as_installed() -> None:
    """With byte code beside the sources, as an installer leaves it: else each process would compile them first."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for source in ("schema", "reconciler"):
        compileall.compile_dir(Path(__file__).parent.parent / source, quiet=1)


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


def _run(results: Sequence[Result], load: float, note: str) -> Run:
    machine = {
        "cpus": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "loadAverage": round(load, 2),
    }
    versions = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    return Run(datetime.now(UTC).isoformat(timespec="seconds"), machine, versions, results, note)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("--only", metavar="NAME,…", help=f"of {', '.join(NAMES)}")
    parser.add_argument(
        "--workloads", type=int, default=WORKLOADS, metavar="N", help="workloads that are synced"
    )
    parser.add_argument("--keep", action="store_true", help="add the run to the history and to the docs")
    parser.add_argument("--note", default="", metavar="TEXT", help="what else is to be known of the run")
    parser.add_argument("--compare", action="store_true", help="measure nothing: compare the last two runs")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
