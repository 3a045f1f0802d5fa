"""What all models share: the policy of validation, optional fields, and values with several written forms.

Policy, the same everywhere: unknown fields are errors, nothing is converted (``true`` is no number, ``"4"`` is
no integer), values are frozen, input is never part of an error's text, and validators are built on first use.
Field names are camelCase in files and snake_case in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

T = TypeVar("T")


class Model(BaseModel):
    """A map with a closed set of fields."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        use_attribute_docstrings=False,
    )


M = TypeVar("M", bound=Model)


def parse(model: type[M], data: bytes) -> M:
    """Read what a person wrote, as JSON bytes: field names are those of files, never those of Python.

    Raises:
        pydantic.ValidationError: take ``errors(include_input=False, include_url=False)`` from it, nothing else.
    """
    return model.model_validate_json(data, by_alias=True, by_name=False)


def shared(model: type[M]) -> Callable[[], M]:
    """A default that is made once, on first use, for all who leave it out: values are frozen."""
    return cache(model)


class _NotNull:
    """Makes ``T | None`` mean *may be left out* instead of *may be null*."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        while schema["type"] == "nullable":
            schema = schema["schema"]
        return schema


Maybe: TypeAlias = Annotated[T | None, _NotNull()]
"""A field that may be left out; None in Python then. Writing ``null`` is an error: it removes, in overrides only."""


@dataclass(frozen=True, slots=True, eq=False)  # by identity: metadata of Annotated must be hashable
class Forms:
    """A value that may be written in several ways, told apart by its shape alone.

    The shape decides before anything is validated, so that an error speaks of the form that was meant.

    Attributes:
        text: type of the form that is a string.
        number: type of the form that is an integer, or any number with ``fractions``.
        items: type of the form that is a list.
        truth: whether ``true`` is a form.
        keys: types of the forms that are maps, by the one key that only they have.
        whole: type of the form that is a map, where there is only one such form.
    """

    text: Any = None
    number: Any = None
    fractions: bool = False
    items: Any = None
    truth: bool = False
    keys: Mapping[str, Any] | None = None
    whole: Any = None

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source  # it is the union of what the forms say, for type checkers
        simple = {"text": self.text, "number": self.number, "items": self.items, "map": self.whole}
        named = {**simple, "true": Literal[True] if self.truth else None, **(self.keys or {})}
        choices = {
            f"<{name}>": handler.generate_schema(type_) for name, type_ in named.items() if type_ is not None
        }
        return core_schema.tagged_union_schema(
            choices,
            discriminator=_discriminator(choices.keys(), tuple(self.keys or ()), fractions=self.fractions),
            custom_error_type="form",
            custom_error_message="It is written in none of the forms that are known here",
            custom_error_context={"forms": self._described(), "keys": ",".join(self.keys or ())},
            serialization=core_schema.simple_ser_schema("any"),
        )

    def _described(self) -> str:
        forms = ["true"] if self.truth else []
        simple = {"text": self.text, "a number": self.number, "a list": self.items, "a map": self.whole}
        forms += [_says(type_) or words for words, type_ in simple.items() if type_ is not None]
        return " or ".join([*forms, *([f"a map with {' or '.join(self.keys)}"] if self.keys else [])])


def _discriminator(
    tags: Collection[str], keys: tuple[str, ...], *, fractions: bool
) -> Callable[[object], str | None]:
    """Give the tag of the form that a value has, None where it has none of these."""
    simple = {str: "<text>", bool: "<true>", int: "<number>", list: "<items>", tuple: "<items>"}
    by_type = {type_: tag for type_, tag in simple.items() if tag in tags}
    if fractions:
        by_type[float] = "<number>"
    whole = "<map>" if "<map>" in tags else None

    def form(value: object) -> str | None:
        if not isinstance(value, dict):
            return by_type.get(type(value))
        present = [key for key in keys if key in value]
        return f"<{present[0]}>" if len(present) == 1 else whole

    return form


def _says(type_: Any) -> str:  # noqa: ANN401 - any annotation
    """What a unit says of itself, or nothing."""
    return next((meta.says for meta in getattr(type_, "__metadata__", ()) if hasattr(meta, "says")), "")


def exclusive(**given: object) -> None:
    """Refuse more than one of these values, by the names of their fields in files; None is not written.

    Raises:
        PydanticCustomError: of type ``exclusive``; its context names the first two.
    """
    present = [name for name, value in given.items() if value is not None]
    if len(present) > 1:
        raise PydanticCustomError(
            "exclusive",
            "{first} and {second} exclude each other",
            {"first": present[0], "second": present[1]},
        )


def lacking(**given: object) -> None:
    """Refuse the absence of any of these values, by the names of their fields in files; None is not written.

    Raises:
        PydanticCustomError: of type ``lacking``; its context names the first that is missing.
    """
    absent = [name for name, value in given.items() if value is None]
    if absent:
        raise PydanticCustomError("lacking", "{name} is missing", {"name": absent[0]})


def never_both(*pairs: tuple[str, str]) -> Callable[[dict[str, Any]], None]:
    """The JSON Schema of :func:`exclusive`, for ``json_schema_extra``."""

    def extend(schema: dict[str, Any]) -> None:
        schema["allOf"] = [excluded(*pair) for pair in pairs]

    return extend


def excluded(first: str, second: str) -> dict[str, Any]:
    """A JSON Schema that refuses the second of two fields at its name; ``not`` would blame all of the map."""
    refused = {"properties": {second: False}, "errorMessage": f"{first} and {second} exclude each other"}
    return {"if": {"required": [first]}, "then": refused}
