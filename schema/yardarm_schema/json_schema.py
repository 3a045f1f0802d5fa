"""The contract as JSON Schema, for editors and other tools. Made from the models, committed, compared in a test.

Draft 2020-12, in the part of it that readers of draft-07 understand too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from yardarm_schema.base import Model
from yardarm_schema.kinds import DOCUMENTS, VERSION, WORKLOADS
from yardarm_schema.settings import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NULL = {"type": "null"}
_WHOLE_ALONE = frozenset({"default", "minProperties"})
"""What is said of a value that is whole, and not of a patch on it."""

KIND = "What kind of part it is."

OVERRIDE = "What is different there; null takes a field of the spec away."


class _Generator(GenerateJsonSchema):
    """Knows that a text with a unit is a text."""

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 - any default
        """Give the default as JSON."""
        return str(dft) if isinstance(dft, str) else super().encode_default(dft)


def json_schemas() -> Mapping[str, bytes]:
    """All schemas by file name below ``schema/json``: one a kind, one for any of them, one for settings."""
    files = {f"{VERSION}/{kind}.schema.json": json_schema(model) for kind, model in DOCUMENTS.items()}
    files[f"{VERSION}/settings.schema.json"] = json_schema(Settings)
    written = {name: _written(schema) for name, schema in files.items()}
    return written | {f"{VERSION}/yardarm.schema.json": schema_of_any_kind()}


def schema_of_any_kind() -> bytes:
    """The schema of a document of any kind, for editors: they need no other."""
    return _written(_any_kind(DOCUMENTS))


def _written(schema: dict[str, Any]) -> bytes:
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2) + b"\n"


def json_schema(model: type[Model]) -> dict[str, Any]:
    """The schema of one document; it is the caller's own."""
    definitions = _definitions([model])
    root = definitions.pop(model.__name__)
    return {
        "$schema": DIALECT,
        "title": model.__name__.removesuffix("Document"),
        **root,
        "$defs": definitions,
    }


def _any_kind(documents: Mapping[str, type[Model]]) -> dict[str, Any]:
    """The schema of a document of any kind; ``kind`` decides, so that errors speak of that kind alone.

    It has no title: editors would put it above every text that they show.
    """
    definitions = _definitions(list(documents.values()))
    described = {kind: definitions[model.__name__] for kind, model in documents.items()}
    for each in described.values():
        each["properties"]["kind"]["description"] = each["description"]
    kinds = {
        "enum": list(documents),
        "description": "Kind of the spec.",
        "enumDescriptions": [each["description"] for each in described.values()],
    }
    version = next(iter(described.values()))["properties"]["apiVersion"]
    return {
        "$schema": DIALECT,
        "description": "A spec of Yardarm.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"apiVersion": version, "kind": kinds},
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/{model.__name__}"},
            }
            for kind, model in documents.items()
        ],
        "$defs": definitions,
    }


def _definitions(models: list[type[Model]]) -> dict[str, Any]:
    """Schemas of these models and all that they use, with overrides as patches."""
    definitions = _of(models)
    for kind in sorted(WORKLOADS.keys() & definitions.keys()):
        _add_parts(kind, definitions)
        _add_override(kind, definitions)
        environments = definitions[kind]["properties"]["environments"]
        environments["additionalProperties"] = {"$ref": f"#/$defs/{kind}.override", "description": OVERRIDE}
    return dict(sorted(definitions.items()))


def _add_parts(kind: str, definitions: dict[str, Any]) -> None:
    """Say what the parts of a kind may hold: what their models have, of which the spec itself may supply all."""
    for field in WORKLOADS[kind].PARTS:
        forms = []
        for name, model in field.model.items():
            definitions.update({k: v for k, v in _of([model]).items() if k not in definitions})
            _add_override(model.__name__, definitions)
            if len(field.model) > 1:
                definitions[f"{model.__name__}.override"]["properties"]["kind"] = {
                    "type": ["string", "null"],
                    "description": KIND,
                }
            forms.append((name, {"$ref": f"#/$defs/{model.__name__}.override"}))
        definitions[kind]["properties"][field.field]["additionalProperties"] = _part_schema(forms)


def _part_schema(forms: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """A part of a single kind, or of that which its ``kind`` says. Null says nothing, as it does in any patch."""
    if len(forms) == 1:
        return forms[0][1]
    names = [name for name, _ in forms if name]
    says = {
        name: {"properties": {"kind": {"const": name}}, "required": ["kind"]} for name, _ in forms if name
    }
    said = [{"if": says[name], "then": form} for name, form in forms if name]
    unsaid = [
        {"if": {"not": {"anyOf": list(says.values())}}, "then": form} for name, form in forms if not name
    ]
    return {
        "type": "object",
        "properties": {"kind": {"enum": [*names, None], "description": KIND}},
        "allOf": [*said, *unsaid],
    }


def _part_patch(schema: dict[str, Any]) -> dict[str, Any]:
    """What an override may say of a part: of what kind that is stands elsewhere where the override does not say it."""
    if "allOf" not in schema:
        return schema
    forms = {form["then"]["$ref"]: form["then"] for form in schema["allOf"]}
    *said, unsaid = schema["allOf"]
    return {**schema, "allOf": [*said, {**unsaid, "then": {"anyOf": list(forms.values())}}]}


def _of(models: Iterable[type[Model]]) -> dict[str, Any]:
    """Schemas of these models and all that they use, by name."""
    _, made = models_json_schema([(model, "validation") for model in models], schema_generator=_Generator)
    return {name: _tidy(schema) for name, schema in made["$defs"].items()}


def _tidy(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Without what says nothing: titles made of names, and null as the default of what may be left out.

    pydantic gives maps whose keys have a pattern as ``patternProperties``, which admits any other key.
    """
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "patternProperties" in schema:
        ((pattern, values),) = schema["patternProperties"].items()
        names = {"pattern": pattern, "maxLength": schema["propertyNames"]["maxLength"]}
        schema = {key: value for key, value in schema.items() if key != "patternProperties"}
        schema |= {"propertyNames": names, "additionalProperties": values}
    return {
        key: {name: _tidy(each) for name, each in value.items()} if key == "properties" else _tidy(value)
        for key, value in schema.items()
        if not (key == "title" or (key == "default" and value is None))
    }


def _add_override(name: str, definitions: dict[str, Any]) -> None:
    """Define ``<name>.override``: nothing is required, and null removes."""
    override = f"{name}.override"
    if override in definitions:
        return
    original = definitions[name]
    definitions[override] = {}  # so that a recursive type ends here
    definitions[override] = {
        "type": "object",
        "description": original.get("description", ""),
        "additionalProperties": False,
        "properties": {
            field: _nullable(_described(_patch(schema, definitions), definitions))
            for field, schema in original["properties"].items()
            if field != "environments"
        },
    }


def _patch(schema: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a merge patch (RFC 7386) on values of a schema: maps partly, everything else as a whole."""
    patch = _part_patch({key: value for key, value in schema.items() if key not in _WHOLE_ALONE})
    if "$ref" in patch:
        name = patch["$ref"].rpartition("/")[2]
        if "properties" in definitions[name] and not name.endswith(".override"):
            _add_override(name, definitions)
            patch["$ref"] = f"#/$defs/{name}.override"
    if forms := patch.pop("oneOf", None) or patch.pop(
        "anyOf", None
    ):  # parts of different forms may look the same
        patch["anyOf"] = [_patch(form, definitions) for form in forms]
    if isinstance(patch.get("additionalProperties"), dict):
        patch["additionalProperties"] = _nullable(_patch(patch["additionalProperties"], definitions))
    return patch


def _described(schema: dict[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """A field with what it is for, be that said by what it holds alone."""
    named = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
    return {"description": named["description"], **schema} if "description" in named else schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    description = {key: schema.pop(key) for key in ("description",) if key in schema}
    forms = schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]
    return {**description, "anyOf": [*forms, _NULL]}
