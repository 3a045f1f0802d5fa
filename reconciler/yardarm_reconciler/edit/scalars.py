"""Values as YAML on one line, readable by every reader in the same way, in block and in flow style."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import orjson

from yardarm_reconciler.load.scalars import is_ambiguous, is_special

Value: TypeAlias = "str | int | float | bool | Mapping[str, Value] | Sequence[Value] | None"
"""What JSON can hold."""

_PLAIN = re.compile(r"[A-Za-z0-9_/.][A-Za-z0-9_/.:@+=-]*")
"""Text that may stand without quotes anywhere, if it is not something else than text; more may, but not everywhere."""


def written(value: Value, like: str = "") -> str:
    """A value on one line; a text in the quotes of ``like``, which is how the value before it was written."""
    if isinstance(value, str):
        return _text(value, like[:1])
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_text(key)}: {written(each)}' for key, each in value.items())}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(written(each) for each in value)}]"
    return orjson.dumps(value).decode()


def _text(text: str, quote: str = "") -> str:
    if quote == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if quote != '"' and _is_plain(text):
        return text
    return orjson.dumps(text).decode()


def _is_plain(text: str) -> bool:
    if not _PLAIN.fullmatch(text) or text.endswith(":") or text.startswith("..."):
        return False
    return not is_special(text) and not is_ambiguous(text)
