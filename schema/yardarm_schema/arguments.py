"""What a program that serves models is told: arguments by name, so that an environment can change one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, JsonValue

from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.container import ConfigKey, PodField, SecretKey, ServiceAddress
from yardarm_schema.spec_values import ServingValue
from yardarm_schema.text import Text

ArgName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        "[A-Za-z](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?",
        "the name of an argument without its dashes, such as max-model-len",
        253,
        "max-model-len",
    ),
]
_Number: TypeAlias = Annotated[int | float, Field()]
_Item: TypeAlias = Annotated[str | int | float, Forms(text=str, number=_Number, fractions=True)]
_Object: TypeAlias = Annotated[
    Mapping[str, JsonValue], Field(json_schema_extra={"not": {"required": ["from"]}})
]
ArgValue: TypeAlias = Annotated[
    str | int | float | bool | tuple[str | int | float, ...] | ServingValue | Mapping[str, JsonValue],
    Forms(
        text=str,
        number=_Number,
        fractions=True,
        truth=True,
        items=tuple[_Item, ...],
        keys={"from": ServingValue},
        whole=_Object,
    ),
]
Args: TypeAlias = Mapping[ArgName, ArgValue | None]
"""Null leaves out what would be said otherwise."""


ServingVar: TypeAlias = Annotated[
    str | SecretKey | ConfigKey | PodField | ServiceAddress | ServingValue,
    Forms(
        text=str,
        keys={
            "secret": SecretKey,
            "config": ConfigKey,
            "field": PodField,
            "service": ServiceAddress,
            "from": ServingValue,
        },
    ),
]


class ArgumentStyle(Model):
    """How a program takes its arguments."""

    assign: Annotated[
        Literal["equals", "space"], Field(description="--name=value in one, or --name value in two.")
    ] = "equals"
    lists: Annotated[
        Literal["repeat", "comma", "spread", "json"],
        Field(
            description="Lists: the name again for each item, items joined by commas, items one after the other, or JSON."
        ),
    ] = "repeat"
    objects: Annotated[
        Literal["json", "dotted"],
        Field(description="Maps: as JSON, or an argument for each key, as --name.key=value."),
    ] = "json"


class RoleArguments(Model):
    """Arguments of one role of a replica that spans nodes."""

    args: Annotated[
        Maybe[Args], Field(description="Arguments beside the others, where those do not say it.")
    ] = None
