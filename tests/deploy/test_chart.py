"""The chart makes the objects of the kustomize base, as Helm itself renders it."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.controlplane.build import assets
from tests.controlplane.client import Object
from tests.deploy.go_programs import RefusedError, run
from tests.deploy.installed import PAGE
from tests.deploy.manifests import CHART, DEPLOY, NAMESPACE, Objects, by_name, kustomized, with_monitoring
from tests.integration.pages import files
from yardarm_reconciler.model.grants import grants
from yardarm_reconciler.model.manifest import GroupKind

pytestmark = [pytest.mark.controlplane, pytest.mark.timeout(600)]

HASHED = "yardarm-settings"
"""kustomize puts a hash of the content behind this name; Helm, which cannot, puts one into an annotation of the pods."""


def render(values: Mapping[str, Any] | None = None) -> list[Object]:
    """The objects of the chart as ``helm template`` makes them for the namespace yardarm-system."""
    said = run("helm", CHART, "yardarm", NAMESPACE, given=json.dumps(values or {}))
    return [each for each in yaml.safe_load_all(said) if each]


def alike(objects: Iterable[Object]) -> Objects:
    """Objects without what is each tool's own way: who manages, and how pods learn of other settings."""
    made = {}
    for each in map(copy.deepcopy, objects):
        each["metadata"].get("labels", {}).pop("app.kubernetes.io/managed-by", None)
        if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith(HASHED):
            each["metadata"]["name"] = HASHED
            each["data"] = {name: yaml.safe_load(text) for name, text in each["data"].items()}
        if each["kind"] == "Deployment":
            template = each["spec"]["template"]
            template["metadata"].pop("annotations", None)
            for volume in template["spec"]["volumes"]:
                if volume["name"] == "settings":
                    volume["configMap"]["name"] = volume["configMap"]["name"][: len(HASHED)]
        made[each["kind"], each["metadata"]["name"]] = each
    return made


def test_the_rules_in_the_chart_are_those_of_the_program(update_cases):
    """Write them anew by `pytest tests/deploy/test_chart.py --update-cases`."""
    granted = {name: [dict(rule) for rule in rules] for name, rules in asdict(grants()).items()}
    text = yaml.safe_dump(granted, sort_keys=False, default_flow_style=None, width=110)
    header = "# Made from yardarm_reconciler/model/grants.py by `pytest tests/deploy/test_chart.py --update-cases`.\n"
    path, text = CHART / "rules.yaml", header + text
    if update_cases:
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


def test_chart_and_kustomize_base_are_the_same_objects(tmp_path: Path):
    """With all that watches it; but for the namespace, which is the release's and must be there before it."""
    expected = alike(kustomized(assets().programs["kubectl"], with_monitoring(tmp_path)))
    del expected["Namespace", NAMESPACE]

    made = alike(render({"monitoring": {"enabled": True}}))

    assert {"ServiceMonitor", "PrometheusRule"} <= {kind for kind, _ in made}
    assert made == expected
    assert not {"ServiceMonitor", "PrometheusRule"} & {kind for kind, _ in alike(render())}


def test_kinds_of_raw_resources_are_granted_as_the_program_says():
    """Each value is a rule more, read everywhere and written in namespaces of teams."""
    objects = by_name(render({"rawKinds": [{"group": "example.com", "resource": "indexes"}]}))
    granted = grants({GroupKind("example.com", "Index"): "indexes"})

    for name, rules in (("yardarm-reads", granted.everywhere), ("yardarm-writes", granted.teams)):
        made = objects["ClusterRole", name]["rules"]
        assert sorted(made, key=json.dumps) == sorted(map(dict, rules), key=json.dumps)


def test_other_settings_are_other_pods():
    """Else the reconciler would go on with what it has read."""
    before, after = (
        by_name(render(values))["Deployment", "yardarm"]["spec"]["template"]
        for values in ({}, {"settings": "kind: Settings\n"})
    )

    assert before != after


@pytest.mark.parametrize("values", [{"replicas": 0}, {"setings": "kind: Settings"}, {"settings": ""}])
def test_values_that_are_wrong_are_refused(values: dict[str, Any]):
    """A misspelt value would be ignored, and the example's settings be installed."""
    with pytest.raises(RefusedError, match="values don't meet the specifications"):
        render(values)


def test_what_the_page_tells_to_write_is_an_overlay(tmp_path: Path):
    """With its image and settings, and what watches it."""
    shutil.copytree(DEPLOY, tmp_path / "reconciler" / "deploy")
    for path, content in files(PAGE.read_text(encoding="utf-8")):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")

    made = alike(kustomized(assets().programs["kubectl"], tmp_path / "monitored"))

    (container,) = made["Deployment", "yardarm"]["spec"]["template"]["spec"]["containers"]
    assert container["image"].startswith("registry.example.com/")
    assert len(made["ConfigMap", HASHED]["data"]["settings.yaml"]["units"]) == 2
    assert ("PrometheusRule", "yardarm") in made
