"""Which fields exist at a place of a document: for *did you mean*, for explanations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from yardarm_schema.base import Model

_WRAPPERS = frozenset({"default", "nullable", "custom-error", "model", "function-after", "function-before"})


@cache
def known_fields(model: type[Model], location: tuple[str | int, ...] = ()) -> tuple[str, ...]:
    """Names of fields, as in files, of the map at a location; empty where keys are free.

    Args:
        model: of the whole document.
        location: as in pydantic's errors: keys, indices, and the tags of forms.
    """
    model.model_rebuild()
    root: Mapping[str, Any] = model.__pydantic_core_schema__
    definitions: dict[str, Any] = {}
    schema: Mapping[str, Any] | None = _unwrapped(root, definitions)
    for step in location:
        schema = _unwrapped(_below(schema, step), definitions)
        if schema is None:
            return ()
    if schema is None or schema["type"] != "model-fields":
        return ()
    return tuple(_name(name, field) for name, field in schema["fields"].items())


def _unwrapped(schema: Mapping[str, Any] | None, definitions: dict[str, Any]) -> Mapping[str, Any] | None:
    while schema is not None:
        match schema["type"]:
            case "definitions":
                definitions.update({each["ref"]: each for each in schema["definitions"]})
                schema = schema["schema"]
            case "definition-ref":
                schema = definitions[schema["schema_ref"]]
            case wrapper if wrapper in _WRAPPERS:
                schema = schema["schema"]
            case _:
                return schema
    return None


def _below(schema: Mapping[str, Any] | None, step: str | int) -> Mapping[str, Any] | None:
    """One step down a schema: into a field, a form, a value of a map or an item of a list."""
    if schema is None:
        return None
    match schema["type"]:
        case "model-fields":
            found = [field for name, field in schema["fields"].items() if _name(name, field) == step]
            return found[0]["schema"] if found else None
        case "tagged-union":
            chosen: Mapping[str, Any] | None = schema["choices"].get(step)
            return chosen
        case "dict":
            values: Mapping[str, Any] | None = schema.get("values_schema")
            return values
        case "tuple":
            items: Mapping[str, Any] = schema["items_schema"][0]
            return items
        case _:
            return None


def _name(name: str, field: Mapping[str, Any]) -> str:
    return str(field.get("validation_alias", name))
