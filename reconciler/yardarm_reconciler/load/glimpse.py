"""The names in specs at a glance: no YAML is read, nothing is checked, and what looks odd is passed over.

For whoever types a name and waits for the rest of it. A load is a hundred times as slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_DOCUMENTS = re.compile(r"^---.*$", re.MULTILINE)
_OURS = re.compile(r"^apiVersion:[ \t]*['\"]?yardarm\.dev/", re.MULTILINE)
_KIND = re.compile(r"^kind:[ \t]*['\"]?([A-Z][A-Za-z]*)", re.MULTILINE)
_FLOW = re.compile(r"^metadata:[ \t]*\{((?:[^{}]|\{[^{}]*\})*)\}", re.MULTILINE)
_BLOCK = re.compile(r"^metadata:[ \t]*(?:#.*)?\n((?:[ \t]+.*\n|[ \t]*(?:#.*)?\n)+)", re.MULTILINE)
_NESTED = re.compile(r"\{[^{}]*\}")
_ENTRY = re.compile(r"(?:^|[,\n])([ \t]*)(name|team):[ \t]*['\"]?([a-z0-9][a-z0-9-]*)")


class Glimpsed(NamedTuple):
    """What a document says of itself; ``team`` is empty where it says none."""

    kind: str
    team: str
    name: str


def glimpse(text: str) -> Iterator[Glimpsed]:
    """The documents of a file that can be told at a glance."""
    for document in _DOCUMENTS.split(text):
        kind = _KIND.search(document)
        if kind and _OURS.search(document):
            said = _metadata(f"{document}\n")
            if "name" in said:
                yield Glimpsed(kind[1], said.get("team", ""), said["name"])


def _metadata(document: str) -> dict[str, str]:
    flow = _FLOW.search(document)
    if flow:
        return {name: value for _, name, value in _ENTRY.findall(_NESTED.sub("", flow[1]))}
    block = _BLOCK.search(document)
    found = _ENTRY.findall(block[1]) if block else []
    # What is further in belongs to something else, such as the labels.
    outermost = min((len(indent) for indent, _, _ in found), default=0)
    return {name: value for indent, name, value in reversed(found) if len(indent) == outermost}
