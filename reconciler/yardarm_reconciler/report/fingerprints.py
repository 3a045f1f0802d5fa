"""What makes a problem the same as that of an earlier run, though lines have been added above it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from yardarm_reconciler.model.origin import Diagnostic

DIGITS = 32
"""Hex digits: those of a digest of 128 bits, which is what readers of fingerprints are used to."""


def fingerprints(ordered: Sequence[Diagnostic]) -> list[str]:
    """One for each problem, no two of them equal.

    Code, path and field make it: neither the line nor numbers in the message, which change with other files. Several
    that have all three in common are told apart by their order.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    made = []
    for each in ordered:
        key = (each.code.name, each.place.path, each.field)
        seen[key] += 1
        made.append(
            hashlib.sha256("\0".join((*key, str(seen[key]))).encode("utf-8", "surrogatepass")).hexdigest()[
                :DIGITS
            ]
        )
    return made
