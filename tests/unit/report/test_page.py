"""The status page: what it says is text, however hostile; it loads nothing from elsewhere; it has a bound."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.unit.report.samples import HEALTHY, NOW, PROBLEMS, STATUS, SYNCED, change
from yardarm_reconciler.model.budget import Limit, Limits, Peak
from yardarm_reconciler.model.change import Action, Guard, Health, Report, State, Sync, WorkloadReport
from yardarm_reconciler.model.origin import NOWHERE, Code
from yardarm_reconciler.report.page import STATIC, Pages, static

BYTES = 2 * 1024 * 1024
ELEMENTS = 3000
HOSTILE = "<img src=//evil.example onerror=alert(1)>\"'&<script>alert(2)</script>\u202e\x1b[31m{{ 7*7 }}"


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.rows: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "tr":
            self.rows.append("")

    def handle_data(self, data):
        """Note a text."""
        self.text += f" {data}"
        if self.rows:
            self.rows[-1] += f" {data.strip()}"

    def all(self, tag):
        """The attributes of every element of a name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def links(self):
        """What the page loads or leads to."""
        return [value for _, each in self.elements for name, value in each.items() if name in {"href", "src"}]


def pages(*reports: Report, names: tuple[str, ...] = ()) -> Pages:
    """Of these last reports."""
    return Pages(names, lambda: reports, lambda: NOW)


def hostile(fill: str, number: int) -> Report:
    """Every text as long and as bad as it can be, of so many workloads and as many teams."""
    bad = HOSTILE + fill * 2000
    devices = {f"{index}{bad}": 3 for index in range(20)}
    limit = Limit("", dict.fromkeys(devices, (2, NOWHERE)))
    broken = Health(State.DEGRADED, bad)
    workloads = [
        WorkloadReport(
            f"Service/{index}{bad}/{bad}{index}", Sync.HELD, broken, bad, since=NOW, peak=Peak(devices)
        )
        for index in range(number)
    ]
    first = replace(
        workloads[0],
        id=f"Service/!/{HOSTILE}",
        changes=(change(bad, bad, Action.FAILED, reason=bad),) * number,
    )
    teams = {each.id.split("/")[1]: limit for each in workloads}
    return Report(
        HOSTILE,
        "u",
        bad,
        (first, *workloads[1:]),
        diagnostics=PROBLEMS * number,
        guards=(Guard("prune", bad, (bad,) * 50, "0" * 64),) * number,
        limits=Limits(limit, limit, teams),
        error=bad,
        notes={str(index): bad for index in range(number)},
    )


def addresses(all_: Pages) -> list[str]:
    """Every page that links lead to, from the first on: one of each kind."""
    first = Page(all_.page("/", ""))
    environment = next(link for link in first.links() if link.startswith("/e/"))
    inside = Page(all_.page(environment, ""))
    workload = next(
        link for link in inside.links() if link.startswith(f"{environment}/") and "/Team/" not in link
    )
    return ["/", environment, workload]


@pytest.mark.parametrize("fill", ['"', "\N{GRINNING FACE}"])
def test_every_page_has_a_bound_whatever_it_says(fill: str):
    """On bytes and elements; a query that is long is no way around it."""
    report = hostile(fill, 120)
    many = [replace(report, environment=f"{index}{fill * 500}") for index in range(150)]
    made = [pages(*many).page("/", "")]
    made += [pages(report).page(address, "") for address in addresses(pages(report))]
    made += [pages(report).page(addresses(pages(report))[1], f"team={'%22' * 9000}&teams=2")]

    assert len(made) == 5
    assert max(len(each.encode()) for each in made) <= BYTES
    assert max(len(Page(each).elements) for each in made) <= ELEMENTS


def test_ten_thousand_workloads_have_a_page_of_a_hundred_rows():
    """The urgent first, and each on exactly one part."""
    many = tuple(
        WorkloadReport(f"Service/t{index % 400}/w{index}", Sync.SYNCED, HEALTHY) for index in range(9_999)
    )
    broken = WorkloadReport("Service/t1/zz", Sync.SYNCED, Health(State.FAILED, "it burns"), since=NOW)
    all_ = pages(replace(SYNCED, workloads=(*many, broken)))
    first, second, beyond = (Page(all_.page("/e/dev", f"page={number}")) for number in (1, 2, 999_999))
    workloads = [link for link in first.links() if link.startswith("/e/dev/Service/")]
    last = [link for link in beyond.links() if link.startswith("/e/dev/Service/")]

    assert len(workloads) == len(last) == 100
    assert workloads[0] == "/e/dev/Service/t1/zz"
    assert not set(workloads) & set(second.links())
    assert len(all_.page("/e/dev", "").encode()) < 100_000


def test_what_specs_and_clusters_say_is_text():
    """No element, no attribute and no address comes of it; what is invisible is written out."""
    all_ = pages(hostile("", 3))
    for address in addresses(all_):
        page = Page(all_.page(address, ""))
        assert not page.all("img")
        assert [each.get("src") for each in page.all("script")] == ["/page.js"]
        assert not [name for _, each in page.elements for name in each if name.startswith("on")]
        assert '<img src=//evil.example onerror=alert(1)>"' in page.text
        assert "\\u202e{{ 7*7 }}" in page.text
        assert not {"\u202e", "\x1b"} & set(page.text)


def test_no_page_leads_or_reaches_elsewhere():
    """Neither a page nor what it loads; a policy without inline scripts and styles is enough for it."""
    all_ = pages(hostile("", 3), STATUS)
    for address in [*addresses(all_), "/e/production"]:
        page = Page(all_.page(address, ""))
        assert page.links()
        assert all(not urlsplit(link).netloc and not urlsplit(link).scheme for link in page.links())
        assert not page.all("style")
        assert not [each for _, each in page.elements if "style" in each]
    for path in STATIC:
        loaded = static(path).decode()
        assert "//" not in loaded.replace("// ", "")
        assert "url(" not in loaded
        assert "@import" not in loaded


@pytest.mark.parametrize("axis", [*Sync, *State])
def test_every_state_is_a_word(axis: Sync | State):
    """Colour never carries it alone."""
    sync, state = (axis, State.HEALTHY) if isinstance(axis, Sync) else (Sync.SYNCED, axis)
    report = replace(SYNCED, workloads=(WorkloadReport("Service/nlp/a", sync, Health(state)),))
    for path in ("/e/dev", "/e/dev/Service/nlp/a"):
        assert str(axis) in Page(pages(report).page(path, "")).text.split()
    assert f"1 {axis}" in Page(pages(report).page("/", "")).text


def test_a_reader_of_screens_finds_the_way():
    """Landmarks, a title, a heading, a caption for every table, and for every cell what it is of."""
    for address in addresses(pages(SYNCED)):
        page = Page(pages(SYNCED).page(address, ""))
        tables = page.all("table")
        assert len(page.all("main")) == len(page.all("h1")) == len(page.all("title")) == 1
        assert page.elements[0] == ("html", {"lang": "en"})
        assert page.all("a")[0]["href"] == f"#{page.all('main')[0]['id']}"
        assert len(page.all("caption")) == len(tables) > 0
        assert {each["scope"] for each in page.all("th")} == {"col", "row"}
        assert all(each["role"] == "cell" and each.get("data-label") for each in page.all("td"))
        assert all(each["aria-label"] for each in page.all("nav"))
        assert len(page.all("meter")) == sum(each["aria-hidden"] == "true" for each in page.all("meter"))


def test_a_team_and_what_is_not_settled_can_be_asked_for():
    """Links lead there, and to the whole again."""
    page = Page(pages(STATUS).page("/e/production", "team=nlp&show=unsettled"))
    shown = [link for link in page.links() if link.startswith("/e/production/")]

    assert shown
    assert all(link.split("/")[4] == "nlp" for link in shown)
    assert {"?team=nlp", "?show=unsettled"} <= set(page.links())
    assert not [row for row in page.rows if "synced Healthy" in row]


def test_an_environment_that_was_not_looked_at_is_named():
    """It has no page yet; neither has what nobody follows."""
    all_ = pages(SYNCED, names=("dev", "staging"))

    assert any("staging" in row and "not looked at yet" in row for row in Page(all_.page("/", "")).rows)
    assert all_.page("/e/staging", "") is None
    assert all_.page("/e/dev/Service/nlp/other", "") is None


def test_an_environment_without_workloads_says_why():
    """A mistake in its own spec holds all of it; one that no file is to blame for has no place."""
    code = Code("environment/cluster-mismatch", "t", "w")
    report = replace(SYNCED, workloads=(), diagnostics=(code.at(NOWHERE, "it names another cluster"),))

    why = "it names another cluster (environment/cluster-mismatch)"
    for path in ("/", "/e/dev"):
        assert why in pages(report).page(path, "")
        assert f": {why}" not in pages(report).page(path, "")


@pytest.mark.parametrize(
    "query", ["page=-1", "page=x", "page=9999999999", "teams=\u0662", "&" * 999, "a=b&" * 99, "team=%ff"]
)
def test_a_query_that_means_nothing_is_not_asked(query: str):
    """Whoever calls writes what he likes."""
    assert "Environments" in pages(SYNCED).page("/", query)
    assert "dev" in pages(SYNCED).page("/e/dev", query)


def test_a_workload_says_since_when_why_and_where_it_was_written():
    """The reason of either axis, the line of the spec, and what became of its objects."""
    told = replace(SYNCED.workloads[0], reason="drifted", since=NOW - timedelta(minutes=4))
    page = Page(pages(replace(SYNCED, workloads=(told,))).page("/e/dev/Service/nlp/qwen3-32b", ""))

    assert "4 min" in page.text
    assert "drifted" in page.text
    assert any("Deployment/qwen3-32b" in row and "workloads/nlp/qwen3.yaml:4" in row for row in page.rows)
