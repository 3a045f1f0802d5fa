"""Units as types: a number says what it counts. Each knows its written forms, its checks and its JSON Schema.

Texts keep what was written, so that a manifest shows it as it is in the spec; their values are exact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Self, TypeAlias

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from yardarm_schema.text import Text

# Quantities ----------------------------------------------------------------------------------------

_SUFFIXES = {
    "": Decimal(1),
    **{suffix: Decimal(10) ** power for suffix, power in zip("num", (-9, -6, -3), strict=True)},
    **{suffix: Decimal(1000) ** (i + 1) for i, suffix in enumerate("kMGTPE")},
    **{suffix: Decimal(1024) ** (i + 1) for i, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))},
}
_QUANTITY = re.compile(
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?[0-9]{1,2}))?"
)
_POSITIVE = r"(?:[0-9]*[1-9][0-9]*(?:\.[0-9]*)?|[0-9]*\.[0-9]*[1-9][0-9]*)"
_EXPONENT = r"[eE][+-]?[0-9]{1,2}"


def parse_quantity(text: str) -> Decimal:
    """The exact value of a Kubernetes quantity: ``500m`` is 0.5, ``1Gi`` is 1073741824.

    Grammar: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

    Raises:
        ValueError: not a quantity.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError("not a quantity")
    number, suffix, exponent = match.groups()
    return Decimal(number) * (Decimal(10) ** int(exponent) if exponent else _SUFFIXES[suffix or ""])


class Quantity(str):
    """An amount as written (``500m``, ``1.5``); ``value`` is exact, in the resource's own unit (cores, bytes)."""

    __slots__ = ("value",)

    value: Decimal

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        made.value = parse_quantity(text)
        return made


Cpu: TypeAlias = Annotated[
    Quantity,
    Text(
        "quantity",
        f"{_POSITIVE}(?:m|{_EXPONENT})?",
        "a number of cores above zero, such as 2, 0.5 or 500m",
        32,
        "500m",
        Quantity,
        numbers=True,
    ),
]
"""CPU in cores."""

Bytes: TypeAlias = Annotated[
    Quantity,
    Text(
        "quantity",
        f"{_POSITIVE}(?:[KMGTPE]i|[kMGTPE]|{_EXPONENT})?",
        "a number of bytes above zero, such as 512Mi or 16Gi (m would mean thousandths)",
        32,
        "16Gi",
        Quantity,
        numbers=True,
    ),
]
"""Memory or storage in bytes."""

Amount: TypeAlias = Annotated[
    Quantity,
    Text(
        "quantity",
        f"{_POSITIVE}(?:[KMGTPE]i|[mkMGTPE]|{_EXPONENT})?",
        "an amount above zero, such as 1, 500m or 16Gi",
        32,
        "1",
        Quantity,
        numbers=True,
    ),
]
"""Of any resource."""

_MONEY = {"type": "number", "minimum": 0, "maximum": 1e12, "examples": [4.1]}


@dataclass(frozen=True, slots=True)
class _Money:
    """A JSON number, exact as it was written."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(
            self._check,
            serialization=core_schema.to_string_ser_schema(),
            metadata={"pydantic_js_functions": [lambda _schema, _handler: dict(_MONEY)]},
        )

    @staticmethod
    def _check(value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise PydanticCustomError("money", "It must be {says}", {"says": "money per hour, a number"})
        if not 0 <= value <= _MONEY["maximum"]:  # type: ignore[operator] # the map is of mixed values
            raise PydanticCustomError(
                "money", "It must be {says}", {"says": "money per hour, a number from 0"}
            )
        return Decimal(str(value))


Money: TypeAlias = Annotated[Decimal, _Money()]
"""An amount of the one currency that all environments share."""


# Time and parts ------------------------------------------------------------------------------------

_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def _duration_pattern() -> str:
    """Days, hours, minutes, seconds, in this order, at least one of them: ``1h30m``."""
    units = list(_SECONDS)
    starts = (
        f"[0-9]{{1,6}}{unit}" + "".join(f"(?:[0-9]{{1,6}}{later})?" for later in units[i + 1 :])
        for i, unit in enumerate(units)
    )
    return "|".join(starts)


class Duration(str):
    """A length of time as written (``1h30m``)."""

    __slots__ = ("seconds",)

    seconds: int

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        made.seconds = sum(int(n) * _SECONDS[unit] for n, unit in re.findall(r"([0-9]+)([dhms])", text))
        return made


Time: TypeAlias = Annotated[
    Duration,
    Text(
        "duration",
        _duration_pattern(),
        "a duration with its unit, such as 90s, 30m or 1h30m",
        28,
        "30m",
        Duration,
    ),
]


class Percent(str):
    """A share as written (``25%``); ``value`` is 25."""

    __slots__ = ("value",)

    value: int

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        made.value = int(text.removesuffix("%"))
        return made


Share: TypeAlias = Annotated[
    Percent, Text("percent", "(?:100|[1-9]?[0-9])%", "a percentage from 0% to 100%", 4, "25%", Percent)
]
