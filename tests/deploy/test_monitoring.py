"""Every series that alerts, the dashboard and the documentation name is one that the program shows, with these labels."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.go_programs import RefusedError, run
from tests.deploy.manifests import MONITORING
from tests.rendering import REPOSITORY
from tests.unit.server.test_metrics import ASKED, Seen, report, workload
from yardarm_reconciler.cli.entry import COMMANDS
from yardarm_reconciler.model.change import Action, Guard, State, Sync
from yardarm_reconciler.model.origin import NOWHERE, Code
from yardarm_reconciler.server.listener import Response

DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
ALERTS = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))["spec"]["groups"]
    for rule in group["rules"]
]
OF_PROMETHEUS = {"pod"}
"""Labels that whoever scrapes adds."""


def shown() -> dict[str, set[str]]:
    """Every series with its labels, after passes in which everything there is happened."""
    seen = Seen()
    wrong = Code("environment/cluster-mismatch", "t", "w").at(NOWHERE)
    waiting = Guard("prune", "", ("x",), "")
    seen.tell(report(workload("a", Action.CREATED, devices=1), guards=(waiting,), diagnostics=(wrong,)))
    seen.metrics.counted(lambda _: Response(HTTPStatus.OK))(ASKED)
    content = seen.metrics.page(ASKED).content or b""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(content.decode()):
        for each in family.samples:
            found.setdefault(each.name, set()).update(each.labels)
    return found


def expressions() -> Iterator[str]:
    """All that alerts and the dashboard ask of Prometheus."""
    yield from (each["expr"] for each in ALERTS)
    for panel in DASHBOARD["panels"]:
        yield from (each["expr"].replace("$__rate_interval", "5m") for each in panel["targets"])


def selected(*texts: str) -> list[dict[str, Any]]:
    """What Prometheus reads in expressions."""
    return [each for found in json.loads(run("promql", given=json.dumps(texts))) for each in found]


@pytest.mark.controlplane
@pytest.mark.timeout(600)
def test_alerts_and_the_dashboard_ask_for_what_there_is():
    """Parsed by Prometheus itself; a series that is not there would never alarm anybody."""
    there = shown()

    asked = selected(*expressions())

    assert len(asked) > 20
    for each in asked:
        assert each["series"] in there
        assert {*each["labels"]} - OF_PROMETHEUS <= there[each["series"]], each
    with pytest.raises(RefusedError, match="parse error"):
        selected("sum by (")


def test_every_series_is_documented_and_nothing_else():
    """The table in the documentation has every family of ours with its labels."""
    text = (REPOSITORY / "docs" / "operating.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`yardarm_[^|]*) \| ([^|]*) \|", text, re.MULTILINE)
    documented = {
        name: {word.strip() for word in re.split(r",| or ", labels) if word.strip()}
        for names, labels in rows
        for name in re.findall(r"`(\w+)`", names)
    }
    there = {
        re.sub(r"_(bucket|count|sum)$", "", name): labels - {"le"}
        for name, labels in shown().items()
        if name.startswith("yardarm_")
    }

    assert documented.keys() == there.keys()
    for name, labels in there.items():
        assert labels <= documented[name], name


def test_every_family_of_ours_is_on_the_dashboard():
    """Whoever looks there sees all that is told."""
    text = " ".join(expressions())
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown() if name.startswith("yardarm_")}

    assert [name for name in families if name not in text] == []


def test_alerts_lead_to_commands_and_name_words_that_there_are():
    """Each says what to run or look at; words of sync and health are those of the program."""
    known = {*map(str, Sync), *map(str, State)}
    for each in ALERTS:
        assert each["labels"]["severity"] in {"info", "warning", "critical"}
        said = " ".join(each["annotations"].values())
        assert {*re.findall(r"yardarm ([a-z]+) -e", said)} <= set(COMMANDS), each["alert"]
        for words in re.findall(r"(?:sync|health)(?:!=|=~?)\"([^\"]+)\"", each["expr"]):
            assert {*words.split("|")} <= known, each["alert"]


def test_the_page_lists_the_alerts():
    """All of them, and no other."""
    page = (REPOSITORY / "docs" / "install.md").read_text(encoding="utf-8")

    assert set(re.findall(r"`(Yardarm\w+)`", page)) == {each["alert"] for each in ALERTS}


def test_the_dashboard_has_no_two_panels_in_one_place():
    """Ids differ, and no panel lies upon another."""
    cells: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        own = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not own & cells, panel["title"]
        cells |= own
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
