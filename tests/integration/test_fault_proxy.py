"""The fault proxy: each fault is what it says, seen from the client and from the server."""

import http.client
import time

import pytest
from urllib3.exceptions import ProtocolError

from tests.controlplane.faults import Call, Delay, Match, Refuse, ResetAfter, ResetBefore, Truncate

HALF_MIB = 512 * 1024


def _config_map(name, size=0):
    return {"metadata": {"name": name}, "data": {"filling": "x" * size}}


def test_a_proxy_without_rules_changes_nothing(proxy, config_maps):
    """Writes, reads and a streaming watch pass through one kept connection."""
    with proxy.api() as api:
        api.post(config_maps, _config_map("a"))
        with api.watch(config_maps, seconds=5, fieldSelector="metadata.name=a") as events:
            event = next(events)
        connections = api.pool.connection_from_url(proxy.url).num_connections

    assert connections == 1
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "a")
    assert proxy.faults.count(Match(method="POST")) == 1


def test_a_reset_after_the_commit_leaves_the_object(proxy, api, config_maps):
    """The client sees a reset, and yet the object exists."""
    proxy.faults.add(Match(method="POST"), ResetAfter())

    with proxy.api() as client, pytest.raises(ProtocolError, match="aborted") as caught:
        client.post(config_maps, _config_map("a"))

    assert isinstance(caught.value.args[1], ConnectionResetError)
    assert api.get(f"{config_maps}/a") is not None


def test_a_reset_before_the_server_leaves_nothing(proxy, api, config_maps):
    """The client sees the same reset, and the object does not exist."""
    proxy.faults.add(Match(method="POST"), ResetBefore())

    with proxy.api() as client, pytest.raises(ProtocolError, match="aborted") as caught:
        client.post(config_maps, _config_map("a"))

    assert isinstance(caught.value.args[1], ConnectionResetError)
    assert api.get(f"{config_maps}/a") is None


@pytest.mark.parametrize("code", [429, 500, 503, 504])
def test_a_refusal_says_when_to_come_back(proxy, api, config_maps, code):
    """A refused request is answered with a Status and Retry-After, and never reaches the server."""
    proxy.faults.add(Match(method="POST"), Refuse(code, retry_after_seconds=7))

    with proxy.api() as client:
        answer = client.request("POST", config_maps, _config_map("a"))

    assert (answer.status, answer.headers["Retry-After"]) == (code, "7")
    assert answer.body["details"]["retryAfterSeconds"] == 7
    assert api.get(f"{config_maps}/a") is None


def test_a_truncated_answer_is_seen_as_one(proxy, api, config_maps):
    """A body that ends early is an error, never a shorter list."""
    api.post(config_maps, _config_map("a", size=HALF_MIB))
    proxy.faults.add(Match(path=config_maps), Truncate(1000))

    with proxy.api() as client, pytest.raises(ProtocolError) as caught:
        client.list(config_maps)

    assert isinstance(caught.value.args[1], http.client.IncompleteRead)


def test_a_delay_holds_the_answer_back(proxy, config_maps):
    """A delayed request is answered in full, later."""
    proxy.faults.add(Match(path=config_maps), Delay(0.3))

    with proxy.api() as client:
        started = time.monotonic()
        client.list(config_maps)

    assert time.monotonic() - started >= 0.3


def test_a_function_is_called_around_the_kth_write(proxy, api, config_maps):
    """`before` comes when the server has nothing of the k-th write, `after` when it has it all."""
    second = f"{config_maps}/b"
    seen = []
    proxy.faults.add(Match(method="POST", nth=2), Call("before", lambda: seen.append(api.get(second))))
    proxy.faults.add(Match(method="POST", nth=2), Call("after", lambda: seen.append(api.get(second))))

    with proxy.api() as client:
        for name in "abc":
            client.post(config_maps, _config_map(name))

    before, after = seen
    assert before is None
    assert after["metadata"]["name"] == "b"
