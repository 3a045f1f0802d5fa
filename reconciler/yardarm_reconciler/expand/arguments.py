"""Arguments by name as the words of a command line, in the style of the program that reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import orjson

from yardarm_schema.arguments import Args, ArgumentStyle
from yardarm_schema.spec_values import ServingPath, ServingValue

Value: TypeAlias = str | int | float | bool | Sequence["Value"] | Mapping[str, "Value"] | None
Values: TypeAlias = Mapping[ServingPath, Value]
"""What references to the spec come to; None where there is nothing to say."""


def words(
    positional: Sequence[str | ServingValue], args: Args, style: ArgumentStyle, values: Values
) -> tuple[str, ...]:
    """The words: first those without a name, then by name, for what a list takes up must come last."""
    first = (said for each in positional for said in _text(value_of(each, values)))
    named = (
        word for name in sorted(args) for word in _named(f"--{name}", value_of(args[name], values), style)
    )
    return (*first, *named)


def value_of(said: object, values: Values) -> Value:
    """What a value or a reference comes to; None is left out."""
    if not isinstance(said, ServingValue):
        return said  # type: ignore[return-value] # any form of an argument is a value
    value = values[said.path]
    return None if text(value) == text(said.unless) else value


def text(value: Value) -> str:
    """A value as a text, as JSON says it unless it is one."""
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _text(value: Value) -> Iterator[str]:
    if value is not None:
        yield text(value)


def _named(name: str, value: Value, style: ArgumentStyle) -> Iterator[str]:
    match value:
        case None | False:
            return
        case True:
            yield name
        case str() | int() | float():
            yield from _assigned(name, text(value), style)
        case Mapping() if style.objects == "dotted":
            for key in sorted(value):
                yield from _named(f"{name}.{key}", value[key], style)
        case Mapping():
            yield from _assigned(name, text(value), style)
        case _:
            yield from _listed(name, [text(item) for item in value], style)


def _listed(name: str, items: Sequence[str], style: ArgumentStyle) -> Iterator[str]:
    match style.lists:
        case "repeat":
            for item in items:
                yield from _assigned(name, item, style)
        case "comma":
            yield from _assigned(name, ",".join(items), style)
        case "spread":
            yield from (name, *items)
        case "json":
            yield from _assigned(name, text(list(items)), style)


def _assigned(name: str, value: str, style: ArgumentStyle) -> Iterator[str]:
    yield from (f"{name}={value}",) if style.assign == "equals" else (name, value)
