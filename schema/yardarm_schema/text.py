"""Texts of a given form: how they are written, checked and described in JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True)
class Text:
    """A string of a given form, as an annotation.

    Attributes:
        kind: type of the error; ``name`` is reported as ``name/invalid``, others as ``field/invalid``.
        pattern: for the whole text, in the subset that ECMAScript, Python and Rust share, without anchors.
        says: what is expected, completing *It must be …*.
        longest: most characters.
        example: of what is right.
        make: makes the value of a text that matches.
        numbers: whether a JSON number is taken as its text.
    """

    kind: str
    pattern: str
    says: str
    longest: int
    example: str
    make: Callable[[str], Any] = str
    numbers: bool = False

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        metadata = {"pydantic_js_functions": [lambda _schema, _handler: self._json_schema()]}
        if self.make is not str or self.numbers:
            serialization = core_schema.simple_ser_schema("any")
            return core_schema.no_info_plain_validator_function(
                self._checker(), serialization=serialization, metadata=metadata
            )
        text = core_schema.str_schema(pattern=f"^(?:{self.pattern})$", max_length=self.longest, strict=True)
        return core_schema.custom_error_schema(  # checked without a call into Python: most texts are names
            text,
            self.kind,
            custom_error_message="It must be {says}",
            custom_error_context={"says": self.says},
            metadata=metadata,
        )

    def _checker(self) -> Callable[[object], Any]:
        matches = re.compile(self.pattern).fullmatch
        numbers, longest, make = self.numbers, self.longest, self.make

        def check(value: object) -> Any:  # noqa: ANN401 - whatever ``make`` makes
            if numbers and isinstance(value, int | float) and not isinstance(value, bool):
                value = str(value)
            if not isinstance(value, str):
                raise PydanticCustomError(self.kind, "It must be {says}", {"says": self.says})
            if len(value) > longest or not matches(value):
                raise PydanticCustomError(self.kind, "It must be {says}", {"says": self.says})
            try:
                return make(value)
            except ValueError as error:
                raise PydanticCustomError(self.kind, "It must be {says}", {"says": self.says}) from error

        return check

    def _json_schema(self) -> JsonSchemaValue:
        text: JsonSchemaValue = {
            "type": "string",
            "pattern": f"^(?:{self.pattern})$",
            "maxLength": self.longest,
            "errorMessage": f"It must be {self.says}",  # editors show it instead of the pattern
            "examples": [self.example],
        }
        if not self.numbers:
            return text
        number = {"type": "number", "exclusiveMinimum": 0, "errorMessage": text["errorMessage"]}
        return {"anyOf": [text, number]}
