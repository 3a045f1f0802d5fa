"""Values that depend on the rest of a spec: references to it by a closed set of paths, instead of templates."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Maybe, Model

ServingPath: TypeAlias = Literal[
    "accelerator.count",
    "adapters.count",
    "adapters.enabled",
    "adapters.modules",
    "adapters.rank",
    "model.cache",
    "model.format",
    "model.name",
    "model.path",
    "model.revision",
    "model.uri",
    "nodes",
    "parallelism.data",
    "parallelism.expert",
    "parallelism.pipeline",
    "parallelism.tensor",
    "port",
    "ports.grpc",
    "ports.http",
    "ports.metrics",
]
"""``model.path`` is where the program finds the model: a path, or the name by which it fetches it to ``model.cache``."""


class ServingValue(Model):
    """What the spec comes to at another place."""

    path: Annotated[ServingPath, Field(alias="from", description="Which value, such as parallelism.tensor.")]
    unless: Annotated[
        Maybe[Annotated[int | str, Forms(text=str, number=int)]],
        Field(description="Leave it out where it is this: what the program takes for granted, such as 1."),
    ] = None


SourcePath: TypeAlias = Literal[
    "accelerator.count",
    "source.custom.servers",
    "source.kafka.auth.sasl.mechanism",
    "source.kafka.auth.sasl.password",
    "source.kafka.auth.sasl.username",
    "source.kafka.auth.tls.ca",
    "source.kafka.auth.tls.cert",
    "source.kafka.auth.tls.key",
    "source.kafka.brokers",
    "source.kafka.group",
    "source.kafka.topic",
    "source.nats.account",
    "source.nats.consumer",
    "source.nats.monitoring",
    "source.nats.servers",
    "source.nats.stream",
    "source.pubsub.auth",
    "source.pubsub.subscription",
    "source.rabbitmq.auth.password",
    "source.rabbitmq.auth.username",
    "source.rabbitmq.queue",
    "source.rabbitmq.server",
    "source.rabbitmq.vhost",
    "source.redis.auth.password",
    "source.redis.auth.username",
    "source.redis.database",
    "source.redis.group",
    "source.redis.list",
    "source.redis.server",
    "source.redis.stream",
    "source.sqs.auth.id",
    "source.sqs.auth.secret",
    "source.sqs.region",
    "source.sqs.url",
]
"""What a consumer may be told of its source; of a Secret, by reference."""


class SourceValue(Model):
    """What the spec says of its source, so that it is written once."""

    path: Annotated[SourcePath, Field(alias="from", description="Which value, such as source.kafka.brokers.")]
