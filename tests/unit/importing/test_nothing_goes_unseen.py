"""A comparison that overlooks a value would call things equal that are not: each value of each case is changed once."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from yardarm_reconciler.importing.assembling import Asked, imported
from yardarm_reconciler.importing.grouping import groups
from yardarm_reconciler.importing.meaning import meaning
from yardarm_reconciler.importing.reading import objects
from yardarm_reconciler.importing.withheld import without_secrets

CASES = sorted((Path(__file__).parents[2] / "cases" / "import").glob("*/manifests.yaml"))

NAMES = {"name", "namespace", "creationTimestamp"}
FILLED_IN = {"clusterIPs", "ipFamilies", "ipFamilyPolicy"}
"""Of a Service that comes from a cluster, what the cluster has filled in."""
ELSEWHERE = {"apiVersion", "kind", "name", "namespace", "selector", "scaleTargetRef"}
"""What names objects, and what says who belongs to whom: looked at when objects are put together, not here."""


def leaves(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """The way to every scalar."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        if path[-1:] == ("metadata",) and "volumeClaimTemplates" not in path and key in NAMES:
            continue
        if path[-2:-1] == ("replicatedJobs",) and key == "name":
            continue
        if path[:1] == ("spec",) and key in FILLED_IN:
            continue
        if (len(path) < 2 and key in ELSEWHERE - {"name"}) or key == "apiVersion":
            continue
        yield from leaves(each, (*path, key))
    if not isinstance(value, dict | list) and value is not None:
        yield path


def changed(body: Any, path: tuple) -> Any:
    """The same object with another value at a path."""
    body = copy.deepcopy(body)
    holder = body
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    other = not old if isinstance(old, bool) else old + 7 if isinstance(old, int) else another(old)
    holder[path[-1]] = other
    return body


def another(text: str) -> str:
    """Another text of the same form: an amount stays an amount."""
    return f"1{text}" if text[:1].isdigit() else f"{text}x"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_another_value_means_something_else(path):
    """Whatever is changed in an object, the comparison sees it."""
    unseen = [
        f"{body['kind']} {'.'.join(map(str, at))}"
        for group in groups(without_secrets(objects("manifests.yaml", path.read_bytes()))[0])[0]
        for body in group.objects
        for at in leaves(body)
        if said(changed(body, at)) == said(body)
    ]

    assert unseen == []


def said(body: Any) -> Any:
    """What it means, with ports as they are."""
    return meaning(body, {}, alone=False, scaled=False)


RICH = [path for path in CASES if path.parent.name.startswith(("affinity-", "sidecars-"))]


@pytest.mark.slow
@pytest.mark.parametrize("path", RICH, ids=lambda path: path.parent.name)
def test_another_value_makes_another_answer(path):
    """What is changed in an object is in the spec, in its patch, or in the report: nothing is lost on the way."""
    bodies = objects("manifests.yaml", path.read_bytes())
    told = answer(bodies)

    lost = [
        f"{body['kind']} {'.'.join(map(str, at))}"
        for number, body in enumerate(bodies)
        for at in leaves(body)
        if answer([*bodies[:number], changed(body, at), *bodies[number + 1 :]]) == told
    ]

    assert RICH
    assert lost == []


def answer(bodies: Any) -> str:
    """All that an import says."""
    return repr(imported(copy.deepcopy(bodies), Asked("ml", "dev")))
