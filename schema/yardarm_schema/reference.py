"""The contract as pages for people, in Markdown. Made from the models, committed, compared in a test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

import orjson

from yardarm_schema.base import Model
from yardarm_schema.field_help import Schema, description_of, forms_of, in_words
from yardarm_schema.json_schema import json_schema
from yardarm_schema.kinds import DOCUMENTS, PLATFORM, WORKLOADS
from yardarm_schema.workload import Program, Workload

COMMON = "program"
"""The page of the fields that every kind has which runs a program."""

NOTICE = "<!-- Made by `yardarm schema --pages docs/reference`. -->\n\n"

MOST_NAMED = 6
"""Fields of a map that are named where it is mentioned; of a larger one the lines below say them."""


@dataclass(frozen=True, slots=True)
class _Page:
    """What the lines of one page are made from.

    Attributes:
        definitions: schemas by name.
        known: fields that are explained elsewhere, and so not again in every part of a spec.
    """

    definitions: Schema
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Line:
    """One field in a table."""

    path: str
    written: tuple[str, ...]
    default: str
    purpose: str


def pages() -> Mapping[str, bytes]:
    """All pages by file name: one a kind, one of what kinds share, and a list of them."""
    texts = {kind: _kind(kind) for kind in DOCUMENTS}
    texts |= {COMMON: _program(), "README": _list()}
    return {f"{name}.md": (NOTICE + text).encode() for name, text in texts.items()}


def example(kind: str) -> str:
    """A short spec of a kind, as it stands on its page."""
    return resources.files("yardarm_schema").joinpath("examples", f"{kind}.yaml").read_text(encoding="utf-8")


def _list() -> str:
    rest = [kind for kind in DOCUMENTS if kind not in {*WORKLOADS, *PLATFORM}]
    chapters: dict[str, Iterable[str]] = {"Workloads": WORKLOADS, "Platform": PLATFORM, "Repository": rest}
    text = "# Field reference\n"
    for title, kinds in chapters.items():
        lines = (f"- [{kind}]({kind}.md): {json_schema(DOCUMENTS[kind])['description']}\n" for kind in kinds)
        text += f"\n## {title}\n\n{''.join(lines)}"
    return f"{text}\nEvery kind that runs a program also has [the fields of a program]({COMMON}.md).\n"


def _program() -> str:
    schema = json_schema(Program)
    page = _Page(schema["$defs"], frozenset())
    return (
        "# Fields of every program\n\n"
        "Every kind that runs a program in pods has them in `spec`; `metadata` is that of every workload.\n\n"
        f"{_table(_below(schema, '', page))}"
    )


def _kind(kind: str) -> str:
    document = json_schema(DOCUMENTS[kind])
    definitions, properties = document["$defs"], document["properties"]
    (spec,) = forms_of(properties["spec"], definitions)
    shared = _shared(spec) if issubclass(WORKLOADS.get(kind, Workload), Program) else frozenset()
    page = _Page(definitions, _known(kind, spec))
    own = {
        **spec,
        "properties": {name: each for name, each in spec["properties"].items() if name not in shared},
    }
    lines = [*_below(properties.get("metadata", {}), "metadata.", page), *_below(own, "spec.", page)]
    also = f"Its `spec` also has [the fields of a program]({COMMON}.md).\n\n" if shared else ""
    return f"# {kind}\n\n{document['description']}\n\n```yaml\n{example(kind)}```\n\n{also}{_table(lines)}"


def _shared(spec: Schema) -> frozenset[str]:
    """Fields that are the same in every program: not those that a kind writes in a way of its own, or demands."""
    common = json_schema(Program)["properties"]
    own = {name for name, each in spec["properties"].items() if common.get(name) not in (None, each)}
    return frozenset(common) - (own - {"environments"}) - frozenset(spec.get("required", ()))


def _known(kind: str, spec: Schema) -> frozenset[str]:
    """Fields of the spec, of a program, and of kinds that its parts may be."""
    workload = WORKLOADS.get(kind, Workload)
    kinds = [WORKLOADS[name] for field in workload.PARTS for name in field.model if name in WORKLOADS]
    models: list[type[Model]] = [Program, *kinds] if workload.PARTS else []
    return frozenset(spec["properties"]).union(*(json_schema(model)["properties"] for model in models))


def _below(node: Schema, path: str, page: _Page, *, part: bool = False) -> Iterator[_Line]:
    """All fields below one, each with the way to it; of a part only what the spec has not."""
    forms = list(_forms(node, page.definitions))
    required = _demanded(forms)
    for form in forms:
        for name, each in form.get("properties", {}).items():
            if not (part and name in page.known):
                yield _line(f"{path}{name}", each, page, required=name in required)
                yield from _below(each, f"{path}{name}.", page)
        values, items = form.get("additionalProperties"), form.get("items")
        if isinstance(values, dict):
            yield from _below(values, f"{path}NAME.", page, part=_is_part(values))
        if isinstance(items, dict):
            yield from _below(items, f"{path.removesuffix('.')}[].", page)


def _demanded(forms: Iterable[Schema]) -> frozenset[str]:
    """Fields that every map among these forms must have."""
    sets = [frozenset(form.get("required", ())) for form in forms if "properties" in form]
    return frozenset.intersection(*sets) if sets else frozenset()


def _forms(node: Schema, definitions: Schema) -> Iterator[Schema]:
    """Every way to write a value; of a part also those of each kind that it may be."""
    for form in forms_of(node, definitions):
        yield form
        for each in form.get("allOf", ()):
            if "then" in each and "$ref" in each["then"]:
                yield from forms_of(each["then"], definitions)


def _is_part(values: Schema) -> bool:
    return "allOf" in values or str(values.get("$ref", "")).endswith(".override")


def _line(path: str, node: Schema, page: _Page, *, required: bool) -> _Line:
    default = node.get("default")
    said = "" if default in (None, [], {}, "") else orjson.dumps(default).decode()
    purpose = description_of(node, page.definitions)
    return _Line(path, _ways(node, page.definitions), "required" if required else said, purpose)


def _ways(node: Schema, definitions: Schema) -> tuple[str, ...]:
    """The ways to write a value, each in a few words: what is in it has lines of its own."""
    forms = list(forms_of(node, definitions))
    several = sum("properties" in form for form in forms) > 1
    return tuple(dict.fromkeys(_word(form, definitions, several=several) for form in forms))


def _words(node: Schema, definitions: Schema) -> str:
    return ", or ".join(_ways(node, definitions))


def _word(form: Schema, definitions: Schema, *, several: bool) -> str:
    """One way to write a value; of several maps each is told by what it must have."""
    values = form.get("additionalProperties")
    if isinstance(values, dict):
        return "a map by name" if _is_part(values) else f"a map by name; each {_words(values, definitions)}"
    if form.get("type") == "array":
        return f"a list; each {_words(form.get('items', {}), definitions)}"
    if form.get("type") == "object":
        names = list(form.get("required" if several else "properties", ()))
        return f"a map with {', '.join(names)}" if 0 < len(names) <= MOST_NAMED else "a map"
    return in_words(form, definitions)


def _table(lines: Iterable[_Line]) -> str:
    """Each field once, though several forms may have it."""
    once: dict[str, _Line] = {}
    for line in lines:
        once.setdefault(line.path, line)
    return f"| field | how to write it | default | what it is for |\n|---|---|---|---|\n{''.join(map(_row, once.values()))}"


def _row(line: _Line) -> str:
    written = "<br>or ".join(_cell(way) for way in line.written)
    return f"| `{line.path}` | {written} | {_cell(line.default)} | {_cell(line.purpose)} |\n"


def _cell(text: str) -> str:
    """A text in a cell of a table, as it is."""
    for special in ("\\", "|", "<", "*", "_", "`"):
        text = text.replace(special, f"\\{special}")
    return " ".join(text.split())
