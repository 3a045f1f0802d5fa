"""Manifests as Kubernetes reads them: YAML 1.1 as its own tools take it, or JSON; every document an object.

What kubectl reads (sigs.k8s.io/yaml) differs from our own specs: ``0644`` is octal, ``on`` is true, dates are texts.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from typing import Any

import yaml

from yardarm_reconciler.expand import shape
from yardarm_reconciler.model.declared import NOTHING
from yardarm_reconciler.model.origin import UserError

MOST_VALUES = 200_000
"""Values in one file, aliases written out: more is no manifest of a person's."""

DEEPEST = 100
"""Maps and lists within one another; the deepest schemas of custom resources have some forty."""

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_RESOLVED = {
    "bool": (r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF", "yYnNtTfFoO"),
    "float": (
        r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    "int": (r"[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+", "-+0123456789"),
    "merge": (r"<<", "<"),
    "null": (r"~|null|Null|NULL|", "~nN\0"),
}
"""What a text without quotes is taken for, and the characters that such a text begins with."""


class _Loader(_BASE):  # type: ignore[misc] # one of PyYAML's two loaders
    """Texts as kubectl takes them; a key twice is an error, as it is to the API server."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol: filled below

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
        """A map whose keys are texts, each once.

        Raises:
            ConstructorError: a key is there twice.
        """
        seen = set()
        for key, _ in node.value:
            if key.tag != f"{_TAG}merge" and (key.tag, key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} twice", key.start_mark
                )
            seen.add((key.tag, key.value))
        made: dict[Hashable, Any] = super().construct_mapping(node, deep=True)
        return {_key(key): value for key, value in made.items()}


def _key(key: Hashable) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _int(loader: Any, node: yaml.ScalarNode) -> int:  # noqa: ANN401 - one of PyYAML's two loaders
    text = loader.construct_scalar(node).replace("_", "").replace("0o", "0")
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    base = {"0x": 16, "0b": 2}.get(digits[:2], 8 if digits.startswith("0") and digits != "0" else 10)
    return sign * int(digits, base)


for _name, (_pattern, _first) in _RESOLVED.items():
    firsts = [None if _char == "\0" else _char for _char in _first]
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(f"^(?:{_pattern})$"), firsts)
_Loader.add_constructor(f"{_TAG}int", _int)


def objects(name: str, data: bytes) -> tuple[dict[str, Any], ...]:
    """The objects of one file, those of lists one by one.

    Raises:
        UserError: it is no YAML, or not of objects of Kubernetes.
    """
    try:
        _check_depth(data)
        documents = [_plain(each, [0]) for each in yaml.load_all(data, Loader=_Loader)]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{name}:{line}: {error.problem or 'no YAML'}", exit_code=2) from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{name}: no YAML that could be read ({type(error).__name__})", exit_code=2) from None
    return tuple(found for each in documents for found in _flat(name, each))


def _check_depth(data: bytes) -> None:
    """Refuse what is nested so deeply that PyYAML's loader, which recurses in C, would end the process.

    Raises:
        ValueError: it is.
    """
    depth = 0
    for event in yaml.parse(data, Loader=_BASE):
        opens, closes = (
            isinstance(event, kind) for kind in (yaml.CollectionStartEvent, yaml.CollectionEndEvent)
        )
        depth += opens - closes
        if depth > DEEPEST:
            raise ValueError("too deep")


def _plain(value: object, seen: list[int]) -> Any:  # noqa: ANN401 - JSON
    """A copy in which nothing is shared, of JSON's own types.

    Raises:
        ValueError: it is too large once aliases are written out, or holds what JSON cannot say.
    """
    seen[0] += 1
    if seen[0] > MOST_VALUES:
        raise ValueError("too large")
    if isinstance(value, dict):
        return {key: _plain(each, seen) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, seen) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise ValueError("no JSON")


def _flat(name: str, document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    if document is None:
        return
    meta = document.get("metadata") if isinstance(document, dict) else None
    if isinstance(document, dict) and str(document.get("kind", "")).endswith("List") and "items" in document:
        for each in document["items"] or ():
            yield from _flat(name, each)
        return
    if isinstance(meta, dict) and "name" not in meta and isinstance(meta.get("generateName"), str):
        meta["name"] = meta.pop("generateName").rstrip("-")
    if not isinstance(meta, dict) or not all(
        isinstance(each, str) for each in (document.get("apiVersion"), document.get("kind"), meta.get("name"))
    ):
        raise UserError(f"{name}: not every document has apiVersion, kind and metadata.name", exit_code=2)
    if wrong := shape.problem(document, NOTHING):
        raise UserError(f"{name}: {document['kind']}/{meta['name']}: {wrong}", exit_code=2)
    yield document
