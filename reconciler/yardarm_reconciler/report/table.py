"""Rows with columns on a screen that may be too narrow for them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from yardarm_reconciler.report.text import NARROW, Look, width

Row = Sequence[str]
"""Cells that were said already; the spaces that the first begins with say below whom it stands."""


def table(header: Row, rows: Sequence[Row], look: Look) -> list[str]:
    """A line a row, without columns that say nothing; on a narrow screen the first cell, and all else below it.

    The last column is for sentences, and is folded. A single column needs no heading.
    """
    told = [*map(any, zip(*rows, strict=True))]
    if sum(told) == 1:
        return [f"  {cell}" for row in rows for cell in compress(row, told)]
    lines = [tuple(compress(row, told)) for row in (header, *rows)]
    columns = [max(map(width, cells)) + 2 for cells in zip(*lines, strict=True)][:-1]
    indent = 2 + sum(columns)
    if look.columns - indent < NARROW:
        return [line for row in rows for line in _stacked(row, look)]
    padded = (("  " + "".join(map(look.pad, row, columns)), row[-1]) for row in lines)
    return [line for first, last in padded for line in look.indented(last, indent, first)]


def _stacked(row: Row, look: Look) -> list[str]:
    name, *axes, why = row
    facts = "  ".join(filter(None, axes))
    said = f"{facts}: {why}" if facts and why else facts or why
    below = len(name) - len(name.lstrip(" ")) + 4
    return [f"  {name}", *(look.indented(said, below) if said else ())]
