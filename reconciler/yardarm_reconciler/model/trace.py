"""Where an error came from, without a word of what was being worked on."""

from __future__ import annotations

import traceback

_LONGEST_CHAIN = 8
"""Errors that led to one another, of which the last are told."""


def without_values(error: BaseException) -> str:
    """The places that an error passed and its type, for the developers.

    Never its message: that of an unexpected error holds whatever value was unexpected, and it may be a secret.
    """
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(parts) < _LONGEST_CHAIN:
        places = "".join(traceback.format_tb(seen.__traceback__))
        parts.append(
            f"Traceback (most recent call last):\n{places}{type(seen).__module__}.{type(seen).__qualname__}\n"
        )
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "caused:\n".join(reversed(parts))
