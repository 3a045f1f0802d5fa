"""Waiting for a state: polls with a limit, never a sleep and a hope."""

import time
from collections.abc import Callable, Sequence

import urllib3

from tests.controlplane.process import Process

POLL_SECONDS = 0.1
LIMIT_SECONDS = 60.0


class NotReadyError(Exception):
    """Something did not come up in time; the message says what."""


def wait_until(
    what: str,
    probe: Callable[[], bool],
    processes: Sequence[Process] = (),
    *,
    limit_seconds: float = LIMIT_SECONDS,
) -> None:
    """Poll every 100 ms until a probe holds.

    Args:
        what: completes "… did not happen".
        probe: may raise urllib3's errors while a server is not there yet.
        processes: must stay alive meanwhile.
        limit_seconds: how long to poll.

    Raises:
        NotReadyError: it did not hold within the limit.
        ExitedError: one of the processes ended.
    """
    deadline = time.monotonic() + limit_seconds
    while not _holds(probe):
        for process in processes:
            process.check()
        if time.monotonic() > deadline:
            raise NotReadyError(f"{what} did not happen in {limit_seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def _holds(probe: Callable[[], bool]) -> bool:
    try:
        return probe()
    except urllib3.exceptions.HTTPError:
        return False
