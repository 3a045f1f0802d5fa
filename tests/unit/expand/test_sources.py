"""What a consumer may be told of its source."""

from __future__ import annotations

from typing import get_args

import orjson
import pytest

from yardarm_reconciler.expand.sources import leaves
from yardarm_schema.base import parse
from yardarm_schema.container import SecretKey
from yardarm_schema.spec_values import SourcePath
from yardarm_schema.stream_processor import StreamProcessor

KEY = {"secret": "s", "key": "k"}
LOGIN = {"username": KEY, "password": KEY}
SOURCES = {
    "kafka": {
        "brokers": ["a:1", "b:2"],
        "topic": "t",
        "group": "g",
        "auth": {"sasl": {"mechanism": "plain", **LOGIN}, "tls": {"ca": KEY, "cert": KEY, "key": KEY}},
    },
    "sqs": {"url": "https://a/b", "region": "r", "auth": {"id": KEY, "secret": KEY}},
    "nats": {"servers": ["a:1"], "monitoring": "a:2", "stream": "s", "consumer": "c"},
    "rabbitmq": {"server": "a:1", "queue": "q", "auth": LOGIN},
    "redis": {"server": "a:1", "stream": "s", "group": "g", "auth": LOGIN},
    "pubsub": {"subscription": "projects/a/subscriptions/b", "auth": KEY},
    "custom": {"type": "t", "threshold": "n", "servers": ["a:1"]},
}


def told(kind, **changed):
    """What there is to tell of a source."""
    spec = {"image": "a", "source": {kind: {**SOURCES[kind], **changed}}}
    return dict(leaves("source", parse(StreamProcessor, orjson.dumps(spec)).source))


def test_every_path_that_a_spec_may_name_leads_to_a_value():
    """The closed list of paths is that of what sources have."""
    known = {path for kind in SOURCES for path in told(kind)} | {"source.redis.list", "accelerator.count"}
    assert set(get_args(SourcePath)) <= known


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("kafka", "source.kafka.brokers", "a:1,b:2"),
        ("redis", "source.redis.database", "0"),
        ("pubsub", "source.pubsub.auth", SecretKey(secret="s", key="k")),  # noqa: S106 - the name of one
    ],
)
def test_several_servers_are_one_text_and_secrets_stay_references(kind, path, expected):
    """As clients take them."""
    assert told(kind)[path] == expected


def test_what_is_not_said_cannot_be_told():
    """A source without a login has none to hand on."""
    assert not [path for path in told("redis", auth={"password": KEY}) if path.endswith("username")]
