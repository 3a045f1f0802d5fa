"""What a scalar without quotes means: the core schema of YAML 1.2, minus the numbers that JSON cannot hold.

https://yaml.org/spec/1.2.2/#103-core-schema. One deviation: an integer with a leading zero is text, because
readers disagree whether ``010`` is eight or ten.
"""

from __future__ import annotations

import math
import re

from yardarm_reconciler.model.node import Scalar

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

# y and n are left out: YAML 1.1 lists them, but PyYAML, ruamel.yaml and Go's yaml read them as text.
_BOOLEANS_OF_1_1 = frozenset({"yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"})

_NUMBER_STARTS = "0123456789+-."

_SPECIAL_STARTS = frozenset({"", *_NUMBER_STARTS, *(word[:1] for word in {*_WORDS, *_BOOLEANS_OF_1_1})})
_SPECIAL = re.compile(
    "|".join(sorted(map(re.escape, {*_WORDS, *_BOOLEANS_OF_1_1})))
    + r"|[-+]?\.?[0-9][0-9a-fA-FoxT_+\-.:tZ \t]*|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)"
)

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

# What YAML 1.1 reads otherwise. https://yaml.org/type/int.html, float.html, timestamp.html
_NUMBER_OF_1_1 = re.compile(
    r"[-+]?0[0-9_]+"  # octal, or text
    r"|[-+]?0b[01_]+"
    r"|[-+]?0x[0-9a-fA-F_]*_[0-9a-fA-F_]*"
    r"|[-+][0][x][0-9a-fA-F]+"
    r"|[-+]?[1-9][0-9]*_[0-9_]*"
    r"|(?=[^_]*_)(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"  # base 60
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)

_LARGEST = 2**63 - 1
_DIGITS = 20  # no 64-bit integer has more characters; Python refuses to convert very long ones


class UnrepresentableError(ValueError):
    """A number that JSON cannot hold; the text says why."""


def is_special(text: str) -> bool:
    """Tell quickly whether a scalar without quotes could be something else than text, in YAML 1.2 or 1.1."""
    return text[:1] in _SPECIAL_STARTS and _SPECIAL.fullmatch(text) is not None


def resolve(text: str) -> Scalar:
    """Give the value of a scalar without quotes.

    Raises:
        UnrepresentableError: it is a number that JSON cannot hold.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text, 10)
    if _OTHER_BASE.fullmatch(text):
        return _integer(text, 0)
    if _FLOAT.fullmatch(text) and not _zero_led(text):
        return _float(text)
    if _NOT_FINITE.fullmatch(text):
        raise UnrepresentableError("It is not a finite number.")
    return text


def is_ambiguous(text: str) -> bool:
    """Tell whether tools that follow YAML 1.1 read a scalar without quotes as something else than we do."""
    if text in _BOOLEANS_OF_1_1:
        return True
    return bool(
        _NUMBER_OF_1_1.fullmatch(text)
        or (text.startswith("0o") and _OTHER_BASE.fullmatch(text))
        or _exponent_only(text)
    )


def _zero_led(text: str) -> bool:
    """Whether it is an integer with leading zeros, which is text."""
    return text.lstrip("+-").isdecimal()


def _exponent_only(text: str) -> bool:
    """Whether it is a float for YAML 1.2 and text for 1.1, which wants a point and a sign: 1e5."""
    if not _FLOAT.fullmatch(text):
        return False
    mantissa, e, exponent = text.lower().partition("e")
    return bool(e) and ("." not in mantissa or exponent[0] not in "+-")


def _integer(text: str, base: int) -> int:
    if len(text) > _DIGITS or not -_LARGEST - 1 <= (value := int(text, base)) <= _LARGEST:
        raise UnrepresentableError("An integer must fit in 64 bits.")
    return value


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise UnrepresentableError("It is too large.")
    if value == 0 and any(digit in "123456789" for digit in text.lower().partition("e")[0]):
        raise UnrepresentableError("It is too small.")
    return value
