"""Multiplication of quantities that keeps them readable: twice 180Gi is 360Gi, not a number of bytes."""

from __future__ import annotations

import re
from decimal import Decimal

from yardarm_schema.units import Quantity

_NUMBER = re.compile(r"[0-9.]+")


def times(quantity: Quantity, factor: int) -> str:
    """A quantity times a whole number, exact and in the unit that it was written in."""
    number = _NUMBER.match(quantity)
    if number is None:
        raise ValueError(f"not a positive quantity: {quantity}")
    product = Decimal(number.group()) * factor
    text = f"{product:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + quantity[number.end() :]
