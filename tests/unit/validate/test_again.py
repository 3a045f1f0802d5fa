"""What was read of documents before, and is used again."""

from collections.abc import Callable

import pytest

from benchmarks.mixed import SPECS, files
from tests.trees import MemoryTree
from yardarm_reconciler.load import load
from yardarm_reconciler.model.document import Specs
from yardarm_reconciler.model.origin import Found
from yardarm_reconciler.validate import validate
from yardarm_reconciler.validate.again import Readings

FILES = files(len(SPECS))
SERVICE = "workloads/team-0/w-00000.yaml"
ENVIRONMENT = "platform/production.yaml"

# Whether a volume is whole in production is up to the groups that production is in.
FILES[SERVICE] = FILES[SERVICE].replace("scaling: {max: 20}}", "volumes: {x: {size: 1Gi}}}")
FILES[SERVICE] += "    most: {volumes: {x: {path: /x}}}\n"
FILES[ENVIRONMENT] = FILES[ENVIRONMENT].replace("groups: [all]", "groups: [all, most]")


@pytest.fixture
def read() -> Callable:
    """Validates trees one after the other, with files and readings remembered."""
    parsed: dict = {}
    readings = Readings()

    def validated(changes: dict[str, str]) -> tuple[Found[Specs], Found[Specs]]:
        loaded = load(MemoryTree({**FILES, **changes}), cache=parsed).value
        return validate(loaded, readings), validate(loaded)

    return validated


def models(found: Found[Specs]) -> dict[str, object]:
    """What each workload says, by id."""
    return {each.id: each.model for each in found.value.workloads}


def test_a_document_that_is_the_same_is_read_once(read):
    """Its model is the very same value in the next revision; that of a changed file is another."""
    first, _ = read({})
    second, _ = read({SERVICE: FILES[SERVICE].replace("cpu: 500m", "cpu: 600m")})
    same = {id_ for id_, model in models(first).items() if models(second)[id_] is model}

    assert models(first).keys() - same == {"Service/team-0/w-00000"}


@pytest.mark.parametrize(
    "changes",
    [
        {SERVICE: FILES[SERVICE].replace("replicas", "replicass").replace("cpu: 500m", "cpu: lots")},
        {"workloads/team-0/again.yaml": FILES[SERVICE]},
        {SERVICE: FILES[SERVICE].replace("production:", "produktion:")},
        {ENVIRONMENT: FILES[ENVIRONMENT].replace("groups: [all, most]", "groups: [all]")},
        {ENVIRONMENT: FILES[ENVIRONMENT] + "  nonsense: true\n"},
        {"platform/team-0.yaml": FILES["platform/team-0.yaml"].replace("team-0/**", "elsewhere/**")},
    ],
    ids=["invalid", "twice", "no environment", "another group", "invalid environment", "another path"],
)
def test_what_is_found_is_what_is_found_without_a_memory(read, changes):
    """In whatever order revisions come, and whatever changes between them."""
    for each in ({}, changes, {}, changes):
        remembered, anew = read(each)
        assert remembered.diagnostics == anew.diagnostics
        assert models(remembered) == models(anew)
        assert [each.errors for each in remembered.value.workloads] == [
            each.errors for each in anew.value.workloads
        ]
