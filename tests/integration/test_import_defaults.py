"""What an import takes to go without saying is what the API server says where nothing is said, and what it renders is taken."""

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.controlplane.discovery import discover
from tests.controlplane.environment import Environment
from yardarm_reconciler.importing.assembling import Asked, imported
from yardarm_reconciler.importing.difference import differences
from yardarm_reconciler.importing.grouping import groups
from yardarm_reconciler.importing.meaning import meaning
from yardarm_reconciler.importing.reading import objects
from yardarm_reconciler.importing.withheld import without_secrets
from yardarm_reconciler.importing.world import alone

CASES = sorted((Path(__file__).parents[1] / "cases" / "import").glob("*/manifests.yaml"))
GIVEN = re.compile(r"^spec\.address$|\.nodePort$")
"""What the cluster gives, each time another: they are named in a report, or kept."""

FOREIGN = {"HTTPRoute", "InferenceService", "JobSet"}
"""Kinds of other projects, which this API server does not have."""


def said(body: Any) -> Any:
    """What an object means, with what the server adds to each left out."""
    return meaning(without_secrets([body])[0][0], {}, alone=False, scaled=False)


@pytest.fixture(scope="module")
def tried(dev: Environment) -> Iterator[Callable[[Any], Any]]:
    """What the API server makes of an object in a namespace where there is nothing; strictly, and it keeps nothing."""
    with dev.api() as api:
        known, namespace = discover(api), f"import-{secrets.token_hex(4)}"
        api.post("/api/v1/namespaces", {"metadata": {"name": namespace}})

        def answer(body: Any) -> Any:
            inside = {**body, "metadata": {**body["metadata"], "namespace": namespace}}
            where = known.collection(body["apiVersion"], body["kind"], namespace)
            answer = api.request("POST", where, inside, query={"dryRun": "All", "fieldValidation": "Strict"})
            assert answer.status == 201, f"{body['kind']}: {answer.message}"
            return answer.body

        yield answer
        api.delete(f"/api/v1/namespaces/{namespace}")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_what_a_server_adds_to_an_object_means_nothing(path, tried):
    """A manifest means the same as what the API server makes of it."""
    for group in groups(objects("manifests.yaml", path.read_bytes()))[0]:
        for body in group.objects:
            if body["kind"] in FOREIGN:
                continue
            added = differences(body["kind"], said(body), said(tried(body)))
            assert [each.text for each in added if not GIVEN.search(each.text)] == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_what_an_import_renders_is_taken_by_a_server(path, tried):
    """Its patch included, strictly: nothing that it says is refused or unknown."""
    made: dict[str, Any] = {}

    def watched(*world: Any) -> Any:
        render = alone(*world)

        def rendered(document: Any) -> Any:
            found = render(document)
            made[document["metadata"]["name"]] = found.manifests
            return found

        return rendered

    imported(objects("manifests.yaml", path.read_bytes()), Asked("ml", "dev"), watched)
    for manifest in (each for manifests in made.values() for each in manifests):
        if manifest.key.kind not in FOREIGN:
            tried(manifest.body)
