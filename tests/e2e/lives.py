"""Lives of the program that need less time than real ones."""

from __future__ import annotations

from tests.contract.kubernetes import ImpatientClock
from tests.e2e.harness import Life, Site
from yardarm_reconciler import __version__, settings
from yardarm_reconciler.cli import wiring
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.source.git import installed


def undelayed(site: Site) -> Life:
    """A life of the program that does not sleep between attempts."""
    operator = settings.read(site.settings)
    clock = ImpatientClock()
    binding = wiring.bind(operator, operator.of(site.environment), installed(), clock, write=True)
    return Life(site, binding, Machinery(clock, site.pool, __version__))
