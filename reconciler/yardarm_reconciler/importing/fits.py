"""Whether a value is what a field of a spec takes; what is not is left to the patch."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from yardarm_schema import units
from yardarm_schema.arguments import ArgName
from yardarm_schema.container import PodField
from yardarm_schema.images import Image
from yardarm_schema.model_source import Uri
from yardarm_schema.names import DataKey, DnsLabel, EnvName, LabelValue, ObjectName, PortName, QualifiedName
from yardarm_schema.places import AbsolutePath, RepoPath, UrlPath
from yardarm_schema.route import Gateway, RoutePath

_Any: TypeAlias = TypeAdapter[Any]

CPU: _Any = TypeAdapter(units.Cpu)
BYTES: _Any = TypeAdapter(units.Bytes)
IMAGE: _Any = TypeAdapter(Image)
LABEL: _Any = TypeAdapter(DnsLabel)
OBJECT: _Any = TypeAdapter(ObjectName)
KEY: _Any = TypeAdapter(DataKey)
PORT: _Any = TypeAdapter(PortName)
VARIABLE: _Any = TypeAdapter(EnvName)
QUALIFIED: _Any = TypeAdapter(QualifiedName)
VALUE: _Any = TypeAdapter(LabelValue)
PATH: _Any = TypeAdapter(AbsolutePath)
INNER: _Any = TypeAdapter(RepoPath)
URL: _Any = TypeAdapter(UrlPath)
FIELD: _Any = TypeAdapter(PodField)
ROUTE_PATH: _Any = TypeAdapter(RoutePath)
ARGUMENT: _Any = TypeAdapter(ArgName)
URI: _Any = TypeAdapter(Uri)
GATEWAY: _Any = TypeAdapter(Gateway)


def fits(what: _Any, value: object) -> bool:
    """Whether a field of this type takes a value."""
    try:
        what.validate_python(value)
    except ValidationError:
        return False
    return True


def duration(seconds: int) -> str:
    """Seconds in the largest unit that they are a multiple of, but days: ``5m``, ``90s``."""
    for unit, name in ((3600, "h"), (60, "m")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit}{name}"
    return f"{seconds}s"


def slug(text: str, longest: int = 63) -> str:
    """A name of ours that is like a text."""
    made = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
    return re.sub("^[^a-z]+", "", made)[:longest].rstrip("-") or "imported"
