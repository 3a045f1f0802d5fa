"""The status page: the last report of every environment as HTML, for a browser that trusts none of what it shows.

Every page has a bound: of rows, and of the characters of each text, whatever specs and clusters hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from yardarm_reconciler.model.change import Report
from yardarm_reconciler.report.page import environments, workloads
from yardarm_reconciler.report.page.asked import Asked
from yardarm_reconciler.report.page.words import address, say

FILES = Path(__file__).parent / "files"

BELOW = "/e/"
"""Where the pages of environments are."""

STATIC: Mapping[str, str] = {
    "/page.css": "text/css; charset=utf-8",
    "/page.js": "text/javascript; charset=utf-8",
}
"""What pages load, by path, with what it is."""


def static(path: str) -> bytes:
    """The content of one of :data:`STATIC`."""
    return (FILES / path.removeprefix("/")).read_bytes()


class Pages:
    """Makes pages.

    Args:
        names: all environments that there are to be reports of.
        reports: gives the last report of each that there is one of.
        now: for how long something has been so.
    """

    def __init__(
        self, names: Sequence[str], reports: Callable[[], Sequence[Report]], now: Callable[[], datetime]
    ) -> None:
        self._names = sorted(set(names))
        self._reports = reports
        self._now = now
        self._templates = Environment(
            loader=FileSystemLoader(FILES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(say=say, address=address)

    def page(self, path: str, query: str) -> str | None:
        """The page at a path; None where there is none."""
        reports = {each.environment: each for each in self._reports()}
        asked = Asked.of(query)
        if path == "/":
            return self._made("overview.html", environments.overview(self._names, reports, asked))
        name, _, rest = path.removeprefix(BELOW).partition("/")
        report = reports.get(unquote(name))
        if report is None:
            return None
        if not rest:
            return self._made("environment.html", environments.page(report, asked, self._now()))
        found = workloads.page(report, unquote(rest), asked, self._now())
        return self._made("workload.html", found) if found else None

    def _made(self, template: str, told: object) -> str:
        return self._templates.get_template(template).render(it=told)
