"""Servers by name, as policies can say them."""

from __future__ import annotations

import pytest

from yardarm_reconciler.expand.addresses import peer_of
from yardarm_reconciler.expand.sources import seen_from_elsewhere
from yardarm_schema.places import HostPort

STREAMING = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "streaming"}}}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("kafka", {"podSelector": {}}),
        ("kafka.streaming", STREAMING),
        ("Kafka.Streaming", STREAMING),
        ("kafka.streaming.svc", STREAMING),
        ("kafka.streaming.svc.cluster.local", STREAMING),
        ("kafka-0.kafka.streaming.svc.example.internal", STREAMING),
        ("10.1.2.3", {"ipBlock": {"cidr": "10.1.2.3/32"}}),
        ("b-1.kafka.example.com", None),
        ("svc.example.com", None),
        ("kafka.streaming.example", None),
    ],
)
def test_a_name_of_the_cluster_says_which_namespace_and_any_other_says_nothing(host, expected):
    """What cannot be told from a name is not guessed."""
    assert peer_of(host) == expected


@pytest.mark.parametrize(
    ("server", "expected"),
    [("kafka:9092", "kafka.search-dev:9092"), ("kafka.streaming:9092", "kafka.streaming:9092")],
)
def test_a_scaler_in_another_namespace_is_told_which_namespace_is_meant(server, expected):
    """A bare name means another server there."""
    assert seen_from_elsewhere(HostPort(server), "search-dev") == expected
