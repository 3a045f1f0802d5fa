"""The one escape hatch: patches on what is rendered. Every rule is held against what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.names import ObjectName
from yardarm_schema.text import Text


class Target(Model):
    """Which of the workload's objects are meant."""

    kind: Annotated[
        str,
        Text("name", "[A-Z][A-Za-z]{0,62}", "the kind of an object", 63, "Deployment"),
        Field(description="Their kind."),
    ]
    name: Annotated[Maybe[ObjectName], Field(description="Their name; without it all of the kind.")] = None


class Operation(Model):
    """One operation of a JSON patch (RFC 6902)."""

    op: Annotated[
        str,
        Text("op", "add|remove|replace|move|copy|test", "add, remove, replace, move, copy or test", 7, "add"),
        Field(description="What to do."),
    ]
    path: Annotated[str, Field(pattern="^/", max_length=1024, description="Where, as a JSON pointer.")]
    from_: Annotated[
        Maybe[str],
        Field(alias="from", pattern="^/", max_length=1024, description="From where, to move and to copy."),
    ] = None
    value: Annotated[Any, Field(description="What, to add, to replace and to test.")] = None


class JsonPatch(Model):
    """A JSON patch (RFC 6902) on some objects."""

    target: Annotated[Target, Field(description="Which objects.")]
    json_: Annotated[
        tuple[Operation, ...], Field(alias="json", min_length=1, description="Operations, one after another.")
    ]


class MergePatch(Model):
    """A merge patch (RFC 7386) on some objects."""

    target: Annotated[Target, Field(description="Which objects.")]
    merge: Annotated[Mapping[str, Any], Field(description="What is merged; lists replace.")]


ResourcePatch: TypeAlias = Annotated[
    JsonPatch | MergePatch, Forms(keys={"json": JsonPatch, "merge": MergePatch})
]


class Patch(Model):
    """Changes to what is rendered, for what no field says. The environment may forbid paths."""

    pod: Annotated[
        Maybe[Mapping[str, Any]],
        Field(
            description="A strategic merge patch on the pod's template: its metadata and spec; our container is main."
        ),
    ] = None
    resources: Annotated[
        tuple[ResourcePatch, ...], Field(description="Patches on the workload's objects, one after another.")
    ] = ()
