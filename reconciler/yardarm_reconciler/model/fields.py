"""The fields in which two objects differ, in the words that a reader of the object would use.

Items of lists are named by their key, not by position (``containers[main]``, ``args[--port]``); what servers add
to every object is left out; what may be a secret is shown as ``*** (before)`` and ``*** (after)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import orjson

from yardarm_reconciler.model.change import FieldChange
from yardarm_reconciler.model.manifest import Object, canonical
from yardarm_reconciler.model.redaction import AFTER, BEFORE, is_secret, looks_secret, may_be_secret

SERVER_METADATA = frozenset(
    {
        "managedFields",
        "resourceVersion",
        "uid",
        "generation",
        "creationTimestamp",
        "selfLink",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    }
)
SERVER_ANNOTATIONS = frozenset(
    {"kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"}
)

ITEM_KEYS = (
    ("name",),
    ("mountPath",),
    ("containerPort", "protocol"),
    ("port", "protocol"),
    ("key",),
    ("type",),
)
"""What names an item of a list, tried in this order. The list-map keys of the built-in kinds come first.

https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
"""

FREE = frozenset({"env", "args", "command", "data", "stringData", "annotations", "labels"})
"""Fields below which people choose the names: there a name tells whether the value may be a secret."""

LONGEST = 120
"""Characters of a value that are kept; of longer ones the part where they begin to differ."""

FLAG = re.compile(r"(--\w[\w.-]*|-\w)(=|$)")
"""An argument that may name others. A value glued to a letter (``-psecret``) is none: names are never hidden."""

ABSENT = object()
"""Stands for a value that is not there, which is not the same as null."""

Path: TypeAlias = tuple[str, ...]
Difference: TypeAlias = tuple[Path, object, object]


def fields(before: Object, after: Object) -> tuple[FieldChange, ...]:
    """Give every field in which two objects differ, sorted by path; empty exactly where nothing of ours does.

    An absent value is the empty string; an empty string is ``""``, in quotes as in JSON.
    """
    hide_all = is_secret(before) or is_secret(after)
    changes = (
        _change(path, old, new, hide_all=hide_all)
        for path, old, new in _differences((), strip(before), strip(after))
    )
    return tuple(sorted(changes, key=lambda change: change.path))


def strip(body: Object) -> dict[str, Any]:
    """Give an object without what servers and their controllers write into every object."""
    kept = {key: value for key, value in body.items() if key != "status"}
    metadata = {key: value for key, value in body.get("metadata", {}).items() if key not in SERVER_METADATA}
    annotations = metadata.pop("annotations", None) or {}
    left = {key: value for key, value in annotations.items() if key not in SERVER_ANNOTATIONS}
    if left:
        metadata["annotations"] = left
    return kept | ({"metadata": metadata} if "metadata" in body else {})


def _differences(path: Path, old: object, new: object) -> Iterator[Difference]:
    """Pairs of leaves that differ, with the names of the way to them."""
    if _same(old, new):
        return
    if _both(Mapping, old, new):
        yield from _inside(path, _there(old, {}), _there(new, {}))
    elif _both(list, old, new):
        yield from _listed(path, _there(old, []), _there(new, []))
    else:
        yield path, old, new


def _inside(path: Path, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Difference]:
    for name in sorted({*old, *new}):
        yield from _differences((*path, name), old.get(name, ABSENT), new.get(name, ABSENT))


def _listed(path: Path, old: Sequence[object], new: Sequence[object]) -> Iterator[Difference]:
    """Differences of two lists whose items have names; that of their order where there is no other."""
    name_items = _by_flag if path and path[-1] in {"args", "command"} else _by_key([*old, *new])
    old_items, new_items = name_items(old), name_items(new)
    inner = list(_inside(path, old_items, new_items))
    yield from inner
    if inner:
        return
    # The same items: in another order, or as ``--flag=value`` once and ``--flag value`` the other time.
    what = "(spelling)" if list(old_items) == list(new_items) else "(order)"
    yield (*path, what), ", ".join(old_items), ", ".join(new_items)


def _by_flag(items: Sequence[object]) -> dict[str, object]:
    """Arguments by flag (``--port=80`` or ``--port 80``), else by position; a repeated flag is numbered."""
    named: dict[str, object] = {}
    position = 0
    while position < len(items):
        item, value = str(items[position]), items[position]
        name = str(position)
        if FLAG.match(item):
            name, equals, rest = item.partition("=")
            follower = items[position + 1] if position + 1 < len(items) else None
            if equals:
                value = rest
            elif follower is not None and not str(follower).startswith("-"):
                value, position = follower, position + 1
            else:
                value = True
        repeated = sum(known.partition("#")[0] == name for known in named)
        named[f"{name}#{repeated + 1}" if repeated else name] = value
        position += 1
    return {f"[{name}]": value for name, value in named.items()}


def _by_key(items: Sequence[object]) -> Callable[[Sequence[object]], dict[str, object]]:
    """How to name the items of a list: by the first key that all of them have, else by position."""
    for keys in ITEM_KEYS:
        if all(isinstance(item, Mapping) and isinstance(item.get(keys[0]), str | int) for item in items):
            return partial(_keyed, keys=keys)
    return _by_position


def _by_position(items: Sequence[object]) -> dict[str, object]:
    return {f"[{position}]": item for position, item in enumerate(items)}


def _keyed(items: Sequence[object], keys: tuple[str, ...]) -> dict[str, object]:
    """Items by the values of these keys; a repeated name is numbered."""
    named: dict[str, object] = {}
    for item in items:
        values = [item[key] for key in keys if isinstance(item, Mapping) and key in item]
        name = "/".join(map(str, values))
        repeated = sum(known.partition("#")[0] == name for known in named)
        named[f"{name}#{repeated + 1}" if repeated else name] = item
    return {f"[{name}]": item for name, item in named.items()}


def item_name(items: Sequence[object], position: int, within: str) -> str:
    """What the fields of an item of a list are told by, in brackets; ``within`` is the name of the list."""
    if within in {"args", "command"}:
        return list(_by_flag(items[: position + 1]))[-1]
    return list(_by_key(items)(items))[position]


def readable(path: Path) -> str:
    """The names on the way to a field as one text."""
    return ".".join(path).replace(".[", "[").replace(".(", " (")


def _change(path: Path, old: object, new: object, *, hide_all: bool) -> FieldChange:
    """A leaf as text, hidden where it may be secret, shortened around where the two begin to differ."""
    where = readable(path)
    quoted = any(not isinstance(value, str) and value is not ABSENT for value in (old, new))
    before, after = _text(old, quoted=quoted), _text(new, quoted=quoted)
    if (hide_all and path[0] in {"data", "stringData"}) or _secret(path, before) or _secret(path, after):
        return FieldChange(where, BEFORE if before else "", AFTER if after else "")
    return FieldChange(where, *_excerpts(before, after))


def _secret(path: Path, value: str) -> bool:
    """Whether a leaf may be secret: by its looks, and below a free map also by its name."""
    free = next((index for index, name in enumerate(path) if name in FREE), None)
    if free is None or "valueFrom" in path or path[-1] in {"(order)", "(spelling)"}:
        return looks_secret(value)
    return may_be_secret("".join(path[free + 1 : free + 2]), value)


def _text(value: object, *, quoted: bool) -> str:
    """A leaf for people: strings bare unless ``quoted`` or blank at an end; nothing where it is absent."""
    if value is ABSENT:
        return ""
    if isinstance(value, str):
        return orjson.dumps(value).decode() if quoted or value != value.strip() or not value else value
    if isinstance(value, Mapping | list):
        return ("{…}" if value else "{}") if isinstance(value, Mapping) else ("[…]" if value else "[]")
    return orjson.dumps(value).decode()


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Both texts, or of long ones the part around the first difference."""
    if max(len(before), len(after)) <= LONGEST:
        return before, after
    common = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    start = max(0, (min(len(before), len(after)) if common is None else common) - LONGEST // 4)
    return _excerpt(before, start), _excerpt(after, start)


def _excerpt(text: str, start: int) -> str:
    if not text:
        return text
    part = text[start : start + LONGEST]
    return ("…" if start else "") + part + ("…" if start + LONGEST < len(text) else "")


def _both(shape: type, old: object, new: object) -> bool:
    """Whether to look inside: both have that shape, or one has something in it and the other is not there."""
    present = [value for value in (old, new) if value is not ABSENT]
    return all(isinstance(value, shape) for value in present) and (len(present) > 1 or bool(present[0]))


def _there(value: Any, otherwise: Any) -> Any:  # noqa: ANN401 - one of two shapes of JSON
    return otherwise if value is ABSENT else value


def _same(old: object, new: object) -> bool:
    if old is ABSENT or new is ABSENT:
        return old is new
    return canonical(old) == canonical(new)
