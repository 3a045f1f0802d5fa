"""How the pods of objects are counted whose kind Yardarm does not know: only an environment may say it."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.text import Text

CountedKind: TypeAlias = Annotated[
    str,
    Text(
        "kind",
        r"[A-Z][A-Za-z0-9]*(?:\.[a-z](?:[-a-z0-9]*[a-z0-9])?)+",
        "a kind and its group, such as Training.example.com",
        253,
        "Training.example.com",
    ),
]
_KEY = "[A-Za-z][-A-Za-z0-9_]*"
FieldPath: TypeAlias = Annotated[
    str,
    Text(
        "path",
        rf"{_KEY}(?:\.{_KEY}|\.\*|\[\*\])*",
        "a path of fields, with [*] for each of a list and .* for each of a map: spec.groups[*]",
        512,
        "spec.groups[*]",
    ),
]
PlainPath: TypeAlias = Annotated[
    str,
    Text("path", rf"{_KEY}(?:\.{_KEY})*", "a path of fields, such as spec.replicas", 512, "replicas"),
]


class CountedPods(Model):
    """Pods that an object makes of one template, or of one in each group of a list or map."""

    at: Annotated[
        Maybe[FieldPath],
        Field(
            description="Where the groups lie, such as spec.groups[*]; without it the object is the group."
        ),
    ] = None
    template: Annotated[
        PlainPath, Field(description="Where in a group its pods are described: a map with spec.")
    ]
    count: Annotated[
        tuple[
            Annotated[int | str, Forms(text=PlainPath, number=Annotated[int, Field(ge=0, le=100_000)])],
            ...,
        ],
        Field(
            min_length=1,
            max_length=8,
            description="How many pods of it there are at most: numbers, or where in a group they stand, multiplied.",
        ),
    ]


class Accounting(Model):
    """How the pods of objects of one kind are found."""

    pods: Annotated[
        tuple[CountedPods, ...],
        Field(max_length=16, description="The pods that they make; an empty list for none."),
    ]
