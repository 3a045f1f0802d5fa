"""Scaling: how many replicas run, decided by a number that is measured."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model, excluded, exclusive, lacking
from yardarm_schema.cron import Cron, TimeZone
from yardarm_schema.text import Text

PodMetric: TypeAlias = Literal["cpu", "memory"]
"""What Kubernetes measures of every pod."""

EngineMetric: TypeAlias = Literal["queueDepth", "concurrency", "kvCache", "requestRate"]
"""What a model server tells of itself."""

SourceMetric: TypeAlias = Literal["lag"]
"""What waits in a source."""

_SHARE = re.compile(r"([0-9]+)%")


class Goal(str):
    """An amount for each replica as written (``100``, ``0.5``), or a share of what it has (``70%``)."""

    __slots__ = ("share", "value")

    value: Decimal
    share: bool

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        percent = _SHARE.fullmatch(text)
        made.share = percent is not None
        made.value = Decimal(percent[1]) / 100 if percent else Decimal(text)
        return made


Target: TypeAlias = Annotated[
    Goal,
    Text(
        "target",
        r"(?:[0-9]*[1-9][0-9]*(?:\.[0-9]+)?|[0-9]*\.[0-9]*[1-9][0-9]*)|[1-9][0-9]{0,2}%",
        "a number above zero for each replica, such as 100, or a share, such as 70%",
        32,
        "100",
        Goal,
        numbers=True,
    ),
]


class Query(Model):
    """A number that Prometheus tells."""

    query: Annotated[
        str,
        Field(
            min_length=1,
            max_length=4096,
            description="PromQL that gives one number, which all replicas share.",
        ),
    ]


Metric: TypeAlias = Annotated[
    PodMetric | EngineMetric | SourceMetric | Query,
    Forms(text=Literal[PodMetric, EngineMetric, SourceMetric], keys={"query": Query}),
]


class MetricTarget(Model):
    """Something that is measured, and how much of it each replica should have."""

    metric: Annotated[Metric, Field(description="What is measured: a name, or {query: PromQL}.")]
    target: Annotated[Target, Field(description="How much of it each replica should have.")]


class Hours(Model):
    """From one point in time to the next: at least so many replicas."""

    start: Annotated[
        Cron,
        Field(
            description="When it begins, as cron says it, such as 0 8 * * MON-FRI.",
            examples=["0 8 * * MON-FRI"],
        ),
    ]
    end: Annotated[
        Cron, Field(description="When it ends, such as 0 18 * * MON-FRI.", examples=["0 18 * * MON-FRI"])
    ]
    time_zone: Annotated[TimeZone, Field(description="Time zone of both.")] = "UTC"
    replicas: Annotated[int, Field(ge=1, le=100_000, description="How many replicas run between them.")]


class CronTrigger(Model):
    """Hours in which replicas run whatever is measured."""

    cron: Annotated[Hours, Field(description="From when to when, and how many replicas.")]


Trigger: TypeAlias = Annotated[
    MetricTarget | CronTrigger, Forms(keys={"metric": MetricTarget, "cron": CronTrigger})
]

_ONE_METRIC = {
    "allOf": [
        {"anyOf": [{"required": ["metric"]}, {"required": ["metrics"]}]},
        excluded("metrics", "metric"),
        excluded("metrics", "target"),
    ],
    "dependentRequired": {"metric": ["target"], "target": ["metric"]},
}


def _describe(schema: dict[str, Any]) -> None:
    schema.update(_ONE_METRIC)
    schema["properties"]["metrics"]["minItems"] = 1


class Scaling(Model):
    """As many replicas as what is measured needs; of several metrics, the one that asks for most decides."""

    model_config = ConfigDict(json_schema_extra=_describe)

    min: Annotated[
        int, Field(ge=0, le=100_000, description="Least replicas; 0 where something can wake it.")
    ] = 1
    max: Annotated[int, Field(ge=1, le=100_000, description="Most replicas: what budgets are checked with.")]
    metric: Annotated[Maybe[Metric], Field(description="What is measured: a name, or {query: PromQL}.")] = (
        None
    )
    target: Annotated[Maybe[Target], Field(description="How much of it each replica should have.")] = None
    metrics: Annotated[
        Maybe[tuple[Trigger, ...]],
        Field(description="Several metrics with their targets, or hours, instead of one."),
    ] = None
    scale_down_delay: Annotated[
        Maybe[units.Time],
        Field(description="How long fewer must do before there are fewer, at most 1h.", examples=["5m"]),
    ] = None

    @property
    def triggers(self) -> tuple[MetricTarget | CronTrigger, ...]:
        """All metrics, of whichever form."""
        if self.metric is None or self.target is None:
            return self.metrics or ()
        return (MetricTarget.model_construct(metric=self.metric, target=self.target),)

    @property
    def measured(self) -> tuple[MetricTarget, ...]:
        """The metrics, without the hours."""
        return tuple(each for each in self.triggers if isinstance(each, MetricTarget))

    @model_validator(mode="after")
    def _one_way(self) -> Scaling:
        exclusive(metric=self.metric, metrics=self.metrics)
        exclusive(target=self.target, metrics=self.metrics)
        if not self.metrics:
            lacking(metric=self.metric, target=self.target)
        return self
