"""Where a consumer's items come from: each source is of exactly one kind, told by its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.container import SecretKey
from yardarm_schema.names import DnsLabel, Word
from yardarm_schema.places import HttpUrl, Server
from yardarm_schema.text import Text

Servers: TypeAlias = Annotated[tuple[Server, ...], Field(min_length=1)]

_QUEUE = Text(
    "queue",
    "[!-~]+",
    "the name of a queue, stream, list or consumer, without spaces",
    255,
    "documents",
)
QueueName: TypeAlias = Annotated[str, _QUEUE]


class Login(Model):
    """A user and a password."""

    username: Annotated[SecretKey, Field(description="Where the user's name is kept.")]
    password: Annotated[SecretKey, Field(description="Where the password is kept.")]


class Certificates(Model):
    """Certificates that are not those of public authorities."""

    ca: Annotated[Maybe[SecretKey], Field(description="The authority that signed the server's.")] = None
    cert: Annotated[Maybe[SecretKey], Field(description="The client's own.")] = None
    key: Annotated[Maybe[SecretKey], Field(description="The private key of the client's own.")] = None


Tls: TypeAlias = Annotated[bool | Certificates, Forms(truth=True, whole=Certificates)]


class Sasl(Login):
    """How a client of Kafka says who it is."""

    mechanism: Annotated[
        Literal["plain", "scram-sha-256", "scram-sha-512"], Field(description="How the password is shown.")
    ]


class KafkaAuth(Model):
    """How Kafka knows its clients."""

    sasl: Annotated[Maybe[Sasl], Field(description="A user and a password.")] = None
    tls: Annotated[Maybe[Tls], Field(description="true for encryption, or the certificates for it.")] = None


class Kafka(Model):
    """A topic of Kafka, or of what speaks its protocol."""

    brokers: Annotated[Servers, Field(description="Brokers to ask first, such as kafka.streaming:9092.")]
    topic: Annotated[
        str,
        Text("topic", "[-._a-zA-Z0-9]+", "a topic: letters, digits, dots, dashes", 249, "documents"),
        Field(description="Topic that is read."),
    ]
    group: Annotated[
        QueueName, Field(description="Consumer group, whose lag is measured.", examples=["embedder"])
    ]
    auth: Annotated[Maybe[KafkaAuth], Field(description="How Kafka knows its clients.")] = None


class AccessKey(Model):
    """A key of AWS, where no role can be taken."""

    id: Annotated[SecretKey, Field(description="Where the id of the access key is kept.")]
    secret: Annotated[SecretKey, Field(description="Where the secret access key is kept.")]


class Sqs(Model):
    """A queue of Amazon SQS."""

    url: Annotated[HttpUrl, Field(description="URL of the queue.")]
    region: Annotated[
        DnsLabel, Field(description="Region of the queue, such as eu-central-1.", examples=["eu-central-1"])
    ]
    auth: Annotated[
        Maybe[AccessKey], Field(description="An access key; without it the scaler takes its own role.")
    ] = None


class Nats(Model):
    """A consumer of a JetStream stream."""

    servers: Annotated[Servers, Field(description="Servers to connect to, such as nats.streaming:4222.")]
    monitoring: Annotated[
        Server,
        Field(
            description="Where the server tells about itself, such as nats.streaming:8222.",
            examples=["nats.streaming:8222"],
        ),
    ]
    account: Annotated[QueueName, Field(description="Account of the stream.")] = "$G"
    stream: Annotated[QueueName, Field(description="Stream that is read.")]
    consumer: Annotated[
        QueueName, Field(description="Durable consumer, whose pending messages are measured.")
    ]


class RabbitMq(Model):
    """A queue of RabbitMQ."""

    server: Annotated[
        Server,
        Field(
            description="Server to connect to, such as rabbitmq.queues:5672.",
            examples=["rabbitmq.queues:5672"],
        ),
    ]
    queue: Annotated[QueueName, Field(description="Queue that is read.")]
    vhost: Annotated[QueueName, Field(description="Virtual host of the queue.")] = "/"
    auth: Annotated[Login, Field(description="A user and a password.")]
    tls: Annotated[bool, Field(description="Whether the connection is encrypted.")] = False


class RedisAuth(Model):
    """How Redis knows its clients."""

    username: Annotated[Maybe[SecretKey], Field(description="Where the user's name is kept, if any.")] = None
    password: Annotated[SecretKey, Field(description="Where the password is kept.")]


class _Redis(Model):
    server: Annotated[
        Server,
        Field(description="Server to connect to, such as redis.queues:6379.", examples=["redis.queues:6379"]),
    ]
    database: Annotated[int, Field(ge=0, le=65535, description="Number of the database.")] = 0
    auth: Annotated[Maybe[RedisAuth], Field(description="A password, and a user.")] = None
    tls: Annotated[bool, Field(description="Whether the connection is encrypted.")] = False


class RedisList(_Redis):
    """A list in Redis or Valkey."""

    list_name: Annotated[QueueName, Field(alias="list", description="List whose items wait.")]


class RedisStream(_Redis):
    """A stream in Redis or Valkey that a group of consumers reads; its lag is known from Redis 7 on."""

    stream: Annotated[QueueName, Field(description="Stream that is read.")]
    group: Annotated[
        QueueName, Field(description="Consumer group, whose lag is measured.", examples=["embedder"])
    ]


Redis: TypeAlias = Annotated[RedisList | RedisStream, Forms(keys={"list": RedisList, "stream": RedisStream})]


class PubSub(Model):
    """A subscription of Google Pub/Sub."""

    subscription: Annotated[
        str,
        Text(
            "subscription",
            "projects/[a-z][-a-z0-9:.]*/subscriptions/[A-Za-z][-A-Za-z0-9._~+%]*",
            "a subscription, such as projects/a-project/subscriptions/documents",
            400,
            "projects/a-project/subscriptions/documents",
        ),
        Field(description="The subscription with its project."),
    ]
    auth: Annotated[
        Maybe[SecretKey],
        Field(
            description="Credentials of a service account; without them the scaler takes its own identity."
        ),
    ] = None


class Custom(Model):
    """Any other trigger that KEDA knows."""

    type: Annotated[
        DnsLabel, Field(description="Type of the trigger, such as activemq.", examples=["activemq"])
    ]
    metadata: Annotated[Mapping[Word, str], Field(description="Its metadata, but for the threshold.")] = (
        Field(default_factory=dict)
    )
    threshold: Annotated[
        Word,
        Field(
            description="Key of the metadata that takes the target, such as targetQueueSize.",
            examples=["targetQueueSize"],
        ),
    ]
    auth: Annotated[Mapping[Word, SecretKey], Field(description="Its parameters of authentication.")] = Field(
        default_factory=dict
    )
    servers: Annotated[tuple[Server, ...], Field(description="Servers that the program connects to.")] = ()


class KafkaSource(Model):
    """Kafka."""

    kafka: Annotated[Kafka, Field(description="A topic of Kafka, or of what speaks its protocol.")]


class SqsSource(Model):
    """Amazon SQS."""

    sqs: Annotated[Sqs, Field(description="A queue of Amazon SQS.")]


class NatsSource(Model):
    """NATS."""

    nats: Annotated[Nats, Field(description="A consumer of a JetStream stream.")]


class RabbitMqSource(Model):
    """RabbitMQ."""

    rabbitmq: Annotated[RabbitMq, Field(description="A queue of RabbitMQ.")]


class RedisSource(Model):
    """Redis."""

    redis: Annotated[Redis, Field(description="A list or a stream in Redis or Valkey.")]


class PubSubSource(Model):
    """Google Pub/Sub."""

    pubsub: Annotated[PubSub, Field(description="A subscription of Google Pub/Sub.")]


class CustomSource(Model):
    """Anything else."""

    custom: Annotated[Custom, Field(description="Any other trigger that KEDA knows.")]


Source: TypeAlias = Annotated[
    KafkaSource | SqsSource | NatsSource | RabbitMqSource | RedisSource | PubSubSource | CustomSource,
    Forms(
        keys={
            "kafka": KafkaSource,
            "sqs": SqsSource,
            "nats": NatsSource,
            "rabbitmq": RabbitMqSource,
            "redis": RedisSource,
            "pubsub": PubSubSource,
            "custom": CustomSource,
        }
    ),
]
