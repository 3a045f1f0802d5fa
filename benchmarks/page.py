"""The page of the documentation that says what things cost: its table is that of the last run that was kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.aims import AIMS, missed
from benchmarks.results import Result, Run

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end -->\n"

HEADER = ("case", "seconds", "floor", "ratio", "CPU s", "floor CPU", "peak MB", "requests")


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows as a table in Markdown; the first one is its head."""
    head, *rest = rows
    rows = [head, tuple("---" for _ in head), *rest]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(f"| {line} |" for line in lines)


def results_table(results: Iterable[Result]) -> str:
    """What was measured."""
    return table([HEADER, *(_row(each) for each in results)])


def measured(run: Run) -> str:
    """The generated part of the page: when and where, what, and which aims are not reached."""
    machine, versions = run.machine, run.versions
    where = (
        f"{machine['cpus']} cores ({machine['architecture']}), load before it {machine['loadAverage']:.1f}"
    )
    sizes = ", ".join(sorted({f"{each.workloads:,}" for each in run.results if each.requests}))
    said = f"Measured on {run.date[:10]} with Python {versions['python']} on {where}; {sizes} workloads in the cluster."
    aims = [
        (
            each.name,
            "; ".join(aim.text for aim in AIMS[each.name]) or "none",
            "; ".join(missed(each, run)) or "none",
        )
        for each in run.results
    ]
    parts = [
        f"{said} {run.note}".strip(),
        results_table(run.results),
        table([("case", "aim", "missed"), *aims]),
    ]
    return "\n\n".join(parts) + "\n"


def renewed(page: str, run: Run) -> str:
    """The page with another run's table."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{measured(run)}\n{END}{after}"


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
