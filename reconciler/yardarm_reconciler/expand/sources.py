"""What waits in a source: where a scaler of KEDA looks, as whom, and which servers the program itself connects to.

KEDA's triggers: https://keda.sh/docs/latest/scalers/ . All of their values are texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.expand.names import part_name
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema import sources
from yardarm_schema.base import Model
from yardarm_schema.container import SecretKey
from yardarm_schema.places import HostPort
from yardarm_schema.sources import Source
from yardarm_schema.spec_values import SourceValue
from yardarm_schema.stream_processor import StreamProcessor

UNKNOWN_VALUE = Code(
    "reference/unknown-value",
    title="The spec has no such value",
    why="A reference takes what the spec says at another place, and this spec has no such place.",
    bad="source: {sqs: …}, env: {TOPIC: {from: source.kafka.topic}}",
    good="source: {sqs: …}, env: {QUEUE_URL: {from: source.sqs.url}}",
)

HTTPS_PORT = 443
PUB_SUB = HostPort("pubsub.googleapis.com:443")

MECHANISMS = {"plain": "plaintext", "scram-sha-256": "scram_sha256", "scram-sha-512": "scram_sha512"}
"""What KEDA calls the mechanisms of SASL."""


def check(consumer: Resolved[StreamProcessor]) -> Iterator[Diagnostic]:
    """Refuse references to what the source does not have."""
    known = told(consumer)
    for name, value in consumer.spec.env.items():
        if isinstance(value, SourceValue) and value.path not in known:
            field = f"spec.env.{name}.from"
            message = f"there is no {value.path} in this spec"
            note = f"there are: {', '.join(sorted(known))}"
            fix = did_you_mean(value.path, sorted(known))
            yield UNKNOWN_VALUE.at(consumer.origin(field), message, fix=fix, note=note, field=field)


def told(consumer: Resolved[StreamProcessor]) -> Mapping[str, str | SecretKey]:
    """What ``{from: …}`` may name, by path: all that the spec says of its source, and how many devices a pod has."""
    devices = consumer.accelerator.count if consumer.accelerator is not None else 0
    return {"accelerator.count": str(devices), **dict(leaves("source", consumer.spec.source))}


def leaves(path: str, value: object) -> Iterator[tuple[str, str | SecretKey]]:
    """Every single value below a path; lists with commas, as clients take several servers."""
    match value:
        case SecretKey():
            yield path, value
        case Model():
            for name, info in type(value).model_fields.items():
                yield from leaves(f"{path}.{info.alias or name}", getattr(value, name))
        case str() | int():
            yield path, str(value)
        case Sequence():
            yield path, ",".join(str(each) for each in value)
        case _:
            return


def trigger(workload: Resolved[StreamProcessor], target: str) -> Object:
    """Waiting items, of which each replica should have ``target``."""
    type_, where = _looked_at(workload.spec.source, target, workload.namespace)
    reference = {"authenticationRef": {"name": part_name(workload)}} if _shown(workload.spec.source) else {}
    return {"type": type_, "metadata": where, **reference}


def authentication(workload: Resolved[StreamProcessor]) -> Iterator[Manifest]:
    """As whom the scaler looks: by reference to Secrets, or to an identity of the cloud."""
    shown = _shown(workload.spec.source)
    if shown:
        head = {"apiVersion": "keda.sh/v1alpha1", "kind": "TriggerAuthentication"}
        body = {**head, "metadata": metadata(workload, part_name(workload)), "spec": shown}
        yield manifest(body, workload.origin("spec.source"))


def servers(source: Source) -> tuple[HostPort, ...]:
    """What the program connects to."""
    match source:
        case sources.KafkaSource(kafka=kafka):
            return kafka.brokers
        case sources.SqsSource(sqs=sqs):
            url = urlsplit(sqs.url)
            return (HostPort(f"{url.hostname}:{url.port or HTTPS_PORT}"),)
        case sources.NatsSource(nats=nats):
            return nats.servers
        case sources.RabbitMqSource(rabbitmq=rabbitmq):
            return (rabbitmq.server,)
        case sources.RedisSource(redis=redis):
            return (redis.server,)
        case sources.PubSubSource():
            return (PUB_SUB,)
        case sources.CustomSource(custom=custom):
            return custom.servers


def seen_from_elsewhere(server: HostPort, namespace: str) -> str:
    """A server under a name that is good in any namespace, not only in the one that it is in."""
    return server if "." in server.host else f"{server.host}.{namespace}:{server.port}"


def _looked_at(source: Source, target: str, namespace: str) -> tuple[str, Mapping[str, str]]:
    """Type and metadata of the trigger, for a scaler that lives in another namespace."""
    match source:
        case sources.KafkaSource(kafka=kafka):
            return "kafka", _kafka(kafka, target, namespace)
        case sources.SqsSource(sqs=sqs):
            return "aws-sqs-queue", {"queueURL": sqs.url, "awsRegion": sqs.region, "queueLength": target}
        case sources.NatsSource(nats=nats):
            return "nats-jetstream", {
                "natsServerMonitoringEndpoint": seen_from_elsewhere(nats.monitoring, namespace),
                "account": nats.account,
                "stream": nats.stream,
                "consumer": nats.consumer,
                "lagThreshold": target,
            }
        case sources.RabbitMqSource(rabbitmq=rabbitmq):
            scheme = "amqps" if rabbitmq.tls else "amqp"
            server = seen_from_elsewhere(rabbitmq.server, namespace)
            where = {"host": f"{scheme}://{server}", "vhostName": rabbitmq.vhost}
            waiting = {"queueName": rabbitmq.queue, "mode": "QueueLength", "value": target}
            return "rabbitmq", {**where, **waiting}
        case sources.RedisSource(redis=redis):
            return _redis(redis, target, namespace)
        case sources.PubSubSource(pubsub=pubsub):
            size = {"mode": "SubscriptionSize", "value": target}
            return "gcp-pubsub", {"subscriptionName": pubsub.subscription, **size}
        case sources.CustomSource(custom=custom):
            return custom.type, {**custom.metadata, custom.threshold: target}


def _kafka(kafka: sources.Kafka, target: str, namespace: str) -> Mapping[str, str]:
    asked = {
        "bootstrapServers": ",".join(seen_from_elsewhere(each, namespace) for each in kafka.brokers),
        "consumerGroup": kafka.group,
        "topic": kafka.topic,
        "lagThreshold": target,
    }
    if kafka.auth is not None and kafka.auth.sasl is not None:
        asked["sasl"] = MECHANISMS[kafka.auth.sasl.mechanism]
    if kafka.auth is not None and kafka.auth.tls is not None:
        asked["tls"] = "enable"
    return asked


def _redis(redis: sources.Redis, target: str, namespace: str) -> tuple[str, Mapping[str, str]]:
    """Of a stream what the group has not been given yet: what it was given and not done with wakes nobody."""
    where = {"address": seen_from_elsewhere(redis.server, namespace), "databaseIndex": str(redis.database)}
    if redis.tls:
        where["enableTLS"] = "true"
    if isinstance(redis, sources.RedisList):
        return "redis", {**where, "listName": redis.list_name, "listLength": target}
    return "redis-streams", {
        **where,
        "stream": redis.stream,
        "consumerGroup": redis.group,
        "lagCount": target,
    }


def _shown(source: Source) -> Object:
    """The spec of a TriggerAuthentication; empty where none is needed."""
    match source:
        case sources.SqsSource(sqs=sqs) if sqs.auth is None:
            return {"podIdentity": {"provider": "aws"}}
        case sources.PubSubSource(pubsub=pubsub) if pubsub.auth is None:
            return {"podIdentity": {"provider": "gcp"}}
    secrets = [
        {"parameter": name, "name": value.secret, "key": value.key}
        for name, value in _secrets(source).items()
        if value is not None
    ]
    return {"secretTargetRef": secrets} if secrets else {}


def _secrets(source: Source) -> Mapping[str, SecretKey | None]:
    """What KEDA has to know of a source that is secret, by the name of its parameter."""
    match source:
        case sources.KafkaSource(kafka=kafka) if kafka.auth is not None:
            tls = kafka.auth.tls
            certificates = tls if isinstance(tls, sources.Certificates) else sources.Certificates()
            return {
                **_login(kafka.auth.sasl),
                "ca": certificates.ca,
                "cert": certificates.cert,
                "key": certificates.key,
            }
        case sources.SqsSource(sqs=sqs) if sqs.auth is not None:
            return {"awsAccessKeyID": sqs.auth.id, "awsSecretAccessKey": sqs.auth.secret}
        case sources.RabbitMqSource(rabbitmq=rabbitmq):
            return _login(rabbitmq.auth)
        case sources.RedisSource(redis=redis) if redis.auth is not None:
            return {"username": redis.auth.username, "password": redis.auth.password}
        case sources.PubSubSource(pubsub=pubsub):
            return {"GoogleApplicationCredentials": pubsub.auth}
        case sources.CustomSource(custom=custom):
            return custom.auth
        case _:
            return {}


def _login(login: sources.Login | None) -> Mapping[str, SecretKey | None]:
    return {"username": login.username, "password": login.password} if login is not None else {}
