"""The endpoint picker: what chooses, for each request to a model, the pod that answers it soonest.

https://gateway-api-inference-extension.sigs.k8s.io
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.arguments import ArgName
from yardarm_schema.base import Forms, Maybe, Model, shared
from yardarm_schema.container import Resources
from yardarm_schema.images import IMAGE, ImageRef
from yardarm_schema.names import QualifiedName
from yardarm_schema.pod import Rule
from yardarm_schema.text import Text

_Value: TypeAlias = Annotated[
    str | int | float | bool,
    Forms(text=str, number=Annotated[int | float, Field()], fractions=True, truth=True),
]


class EndpointPicker(Model):
    """The program beside each model whose requests are spread by InferencePool."""

    image: Annotated[
        ImageRef,
        Text(
            "image",
            IMAGE.removesuffix("?"),
            "an image with a digest: [registry/]repository[:tag]@sha256:…",
            512,
            f"registry.example.com/ai/picker:v1@sha256:{'0' * 64}",
            ImageRef,
        ),
        Field(description="Its image, pinned by digest: no team chooses it."),
    ]
    args: Annotated[
        Mapping[ArgName, _Value | None],
        Field(description="Arguments by name beside Yardarm's, or instead of one; null leaves one out."),
    ] = Field(default_factory=dict)
    config: Annotated[
        Maybe[str], Field(description="What it chooses by: the text of an EndpointPickerConfig.")
    ] = None
    roles_config: Annotated[
        Maybe[str],
        Field(description="The same for models whose roles are pools of their own: prefill and decode."),
    ] = None
    role_label: Annotated[
        QualifiedName, Field(description="The label by which it tells the pods of roles apart.")
    ] = "llm-d.ai/role"
    rules: Annotated[
        tuple[Rule, ...],
        Field(description="Rights that it needs in the model's namespace beside pods and its pool."),
    ] = ()
    replicas: Annotated[int, Field(ge=1, le=100, description="How many pods of it run for each model.")] = 1
    resources: Annotated[Resources, Field(description="CPU and memory of each; without memory 1Gi.")] = Field(
        default_factory=shared(Resources)
    )
    failure_mode: Annotated[
        Literal["close", "open"],
        Field(description="Where it does not answer: refuse requests, or send them to any pod."),
    ] = "close"
