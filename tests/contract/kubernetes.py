"""An adapter over the tests' API server, and somebody else's hand on the same server."""

import functools
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from yardarm_reconciler.kube.login import kubeconfig
from yardarm_reconciler.kube.transport import Transport
from yardarm_reconciler.ports import Clock

JITTER = functools.partial(random.uniform, 0.0)


class RealClock:
    """Time as it is."""

    def now(self) -> datetime:
        """Wall-clock time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds for deadlines."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class ImpatientClock(RealClock):
    """A clock that does not sleep, but goes forward as if it had; it remembers how long it was asked to."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds, with those that were not slept."""
        return time.monotonic() + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        """Go on at once."""
        self.slept.append(seconds)


@contextmanager
def transport(config: Path, clock: Clock) -> Iterator[Transport]:
    """A transport with the credentials of a kubeconfig, closed at the end."""
    made = Transport(kubeconfig(config, None), clock, JITTER, "yardarm/test")
    yield made
    made.close()


def config_maps(namespace: str, name: str = "") -> str:
    """URL path of a namespace's ConfigMaps, or of one."""
    return f"/api/v1/namespaces/{namespace}/configmaps" + (f"/{name}" if name else "")
