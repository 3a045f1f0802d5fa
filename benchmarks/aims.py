"""What each case is meant to cost, and whether it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.results import Result, Run

ROOM_BYTES = 200e6
ROOM_OBJECTS = 4000
BYTES_AN_OBJECT = 10_000
"""Memory that a program may take with so many objects, and for each further one."""

WARM_CPU_SECONDS = 0.05
"""CPU of a pass that finds nothing changed."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A sentence, and what it says of a result; the other results of its run are there to compare."""

    text: str
    holds: Callable[[Result, Run], bool]


def at_most(times: float) -> Aim:
    """So many times the floor."""
    return Aim(f"at most {times} times the floor", lambda result, _: result.ratio <= times)


def within(seconds: float) -> Aim:
    """So many seconds, on two cores that do nothing else."""
    return Aim(f"within {seconds:g} s", lambda result, _: result.seconds <= seconds)


def slower_than_none_of(name: str) -> Aim:
    """As quick as another case of the same run, where that was measured."""

    def holds(result: Result, run: Run) -> bool:
        other = run.result(name)
        return other is None or result.seconds <= other.seconds

    return Aim(f"no slower than {name}", holds)


NO_WRITE = Aim("no write", lambda result, _: not result.object_writes)
NO_REQUEST = Aim("no request", lambda result, _: not any(result.requests.values()))
WARM = Aim("under 50 ms of CPU", lambda result, _: result.cpu_seconds < WARM_CPU_SECONDS)
MEMORY = Aim(
    "200 MB at 4,000 objects, and 10 KB for each more",
    lambda result, _: (
        result.peak_rss_bytes <= ROOM_BYTES + BYTES_AN_OBJECT * max(0, result.objects - ROOM_OBJECTS)
    ),
)

AIMS: Mapping[str, tuple[Aim, ...]] = {
    "cold": (at_most(1.3), MEMORY),
    "noop": (within(2), NO_WRITE, MEMORY),
    "warm": (WARM, NO_REQUEST, MEMORY),
    "change": (within(1), MEMORY),
    "drift": (within(1), MEMORY),
    "upgrade": (at_most(1.5), MEMORY),
    "bad": (slower_than_none_of("cold"), MEMORY),
    "prune": (at_most(1.5), MEMORY),
    "validate": (within(2.5),),
    "validate-again": (within(0.3),),
    "plan": (within(1),),
    "plan-again": (within(1),),
    "render": (),
}
"""By case; the last one is measured to see it change."""


def missed(result: Result, run: Run) -> list[str]:
    """The aims of a case that a result does not reach."""
    return [aim.text for aim in AIMS[result.name] if not aim.holds(result, run)]
