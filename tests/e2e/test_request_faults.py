"""One fault at any request of a pass, reads included: the pass rides it out or the next one does, and nothing is doubled."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from tests.controlplane.faults import (
    Action,
    Delay,
    HalfOpen,
    Match,
    Refuse,
    ResetAfter,
    ResetBefore,
    Truncate,
)
from tests.controlplane.proxy import fault_proxy
from tests.e2e.harness import Site
from tests.e2e.lives import undelayed
from tests.e2e.outcomes import Outcome
from tests.e2e.phases import everything
from tests.rendering import REPOSITORY
from yardarm_reconciler.cli import exits
from yardarm_reconciler.loop import once

pytestmark = pytest.mark.timeout(1800)

FAULTS: Mapping[str, Action] = {
    "the connection is reset before the server has the request": ResetBefore(),
    "the connection is reset when the request is carried out": ResetAfter(),
    "the answer comes two seconds late": Delay(2.0),
    "the answer is cut off": Truncate(40),
    "429, come again in a second": Refuse(429, retry_after_seconds=1),
    "500": Refuse(500),
    "503": Refuse(503),
    "504": Refuse(504),
    "the connection is half open: the server never has the request": HalfOpen(forwarded=False),
    "the connection is half open: the request is carried out, and nobody answers": HalfOpen(forwarded=True),
}

SEED = 20260102
SAMPLES, SLOW_SAMPLES = 2, 1
"""Requests that each fault is tried at, where not all are; of those that are only seen when time is up, fewer."""

PAGE = REPOSITORY / "docs" / "request-faults.md"

FEWEST = 20
"""Requests of the pass: with fewer, something is not swept."""


def rides_out(site: Site, fault: Action, number: int) -> int:
    """Let one request meet a fault, and check all; give the number of all requests."""
    outcome = Outcome(site, site.audit.mark())
    try:
        everything(site)
        site.commit()
        with fault_proxy(site.dev) as proxy:
            proxy.faults.add(Match(nth=number), fault)
            site.kubeconfig = proxy.write_kubeconfig(site.folder / "proxied", token=site.dev.reconciler_token)
            disturbed = undelayed(site)
            report = once(disturbed.binding, disturbed.machinery, disturbed.memory)
            requests = proxy.faults.count(Match())
        site.kubeconfig = None
        assert exits.of_report(report) == exits.FINE, report
        outcome.begin_pass()
        quiet = site.start()
        assert exits.of_report(once(quiet.binding, quiet.machinery, quiet.memory)) == exits.FINE
        outcome.check()
    except AssertionError as error:
        error.add_note(f"request {number}, {fault}")
        raise
    finally:
        outcome.clean_up()
    return requests


@pytest.mark.parametrize("name", FAULTS)
def test_a_pass_rides_out_a_fault_at_some_requests(sites: Callable[[], Site], name: str):
    """Asked again, each object is made once, changed once and deleted once; the pass itself ends well."""
    fault = FAULTS[name]
    samples = SLOW_SAMPLES if isinstance(fault, HalfOpen) else SAMPLES
    chosen = random.Random(f"{SEED} {name}").sample(range(1, FEWEST), samples)  # noqa: S311 - a sample
    for number in sorted(chosen):
        assert rides_out(sites(), fault, number) >= FEWEST
    assert f"| {name} |" in PAGE.read_text()


@pytest.mark.long
@pytest.mark.parametrize("name", FAULTS)
def test_a_pass_rides_out_a_fault_at_any_request(
    sites: Callable[[], Site],
    update_cases: bool,  # noqa: FBT001 - a fixture
    name: str,
):
    """As above, for each request; the page says for how many, and when."""
    number = 1
    while rides_out(sites(), FAULTS[name], number) >= number:
        number += 1
    assert number > FEWEST
    if update_cases:
        row = f"| {name} | {number - 1} | {datetime.now(UTC):%Y-%m-%d} |"
        text = re.sub(rf"^\| {re.escape(name)} \|.*$", row, PAGE.read_text(), flags=re.MULTILINE)
        PAGE.write_text(text)
    assert f"| {name} |" in PAGE.read_text()
