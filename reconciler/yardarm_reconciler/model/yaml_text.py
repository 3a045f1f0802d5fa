"""One Kubernetes object as YAML text: the same bytes on any machine, and the same meaning to any reader.

PyYAML's two emitters (C and Python) disagree on bytes, and the one that is the same everywhere takes 4 ms an
object; a JSON tree needs so little of YAML that writing it takes forty lines.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence

_FIRST = ("apiVersion", "kind", "metadata", "name", "namespace", "spec")
_RANK = {key: rank for rank, key in enumerate(_FIRST)}

# What may stand without quotes: begins with a letter, a slash or an underscore and holds nothing that means
# anything in YAML. Everything else is quoted: quoting too much is never wrong.
_PLAIN = re.compile(r"[A-Za-z/_](?:[A-Za-z0-9_./@+=-]|:(?=[^\s])|[ ](?=[A-Za-z0-9_./(-]))*")

# Words that a YAML 1.1 reader (PyYAML, kubectl's) or a 1.2 reader takes for something else than text.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})

# Line breaks of YAML 1.1, and characters that are invisible or not allowed, are written as escapes.
_NOT_VERBATIM = re.compile(
    "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def yaml_text(value: Mapping[str, object]) -> str:
    """Write an object as YAML with a fixed order of keys.

    Raises:
        ValueError: not a JSON value.
    """
    return "\n".join(_mapping(value, "") if value else ["{}"]) + "\n"


def _mapping(value: Mapping[str, object], indent: str) -> Iterator[str]:
    for key in sorted(value, key=lambda key: (_RANK.get(key, len(_FIRST)), key)):
        yield from _item(f"{indent}{_inline(key)}:", value[key], indent)


def _sequence(value: Sequence[object], indent: str) -> Iterator[str]:
    for each in value:
        if isinstance(each, (Mapping, list, tuple)) and each:
            # The first line of a nested value stands beside its dash.
            lines = _nested(each, indent + "  ")
            yield f"{indent}- {next(lines)[len(indent) + 2 :]}"
            yield from lines
        else:
            yield from _item(f"{indent}-", each, indent)


def _nested(value: Mapping[str, object] | Sequence[object], indent: str) -> Iterator[str]:
    return _mapping(value, indent) if isinstance(value, Mapping) else _sequence(value, indent)


def _item(head: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(value, indent + "  ")
    elif isinstance(value, (list, tuple)) and value:
        yield head
        yield from _sequence(value, indent)
    elif isinstance(value, str) and _fits_block(value):
        chomp = "" if value.endswith("\n") else "-"
        yield f"{head} |{chomp}"
        for line in value.removesuffix("\n").split("\n"):
            yield f"{indent}  {line}" if line else ""
    else:
        yield f"{head} {_inline(value)}"


def _fits_block(text: str) -> bool:
    """Tell whether a literal block says exactly this: no indentation to guess, no line breaks to count."""
    if "\n" not in text.removesuffix("\n") or text[0] in " \n" or text.endswith("\n\n"):
        return False
    return not _NOT_VERBATIM.search(text) and not any(line and not line.strip() for line in text.split("\n"))


def _inline(value: object) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.casefold() not in _WORDS
        return value if plain else _quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        text = repr(value)
        # YAML 1.1 readers know a float by its point: 1e+22 is text to them, 1.0e+22 is not.
        return text if "." in text else text.replace("e", ".0e")
    if isinstance(value, (Mapping, list, tuple)) and not value:
        return "{}" if isinstance(value, Mapping) else "[]"
    raise ValueError(f"not a JSON value: {type(value).__name__}")


def _quoted(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")
    return _NOT_VERBATIM.sub(_escape, escaped)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
