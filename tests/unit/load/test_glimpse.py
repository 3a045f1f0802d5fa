"""Names in specs at a glance: the same that a load finds, and nothing of what is no spec."""

from pathlib import Path

import pytest

from tests.rendering import own_repository
from yardarm_reconciler.load import load
from yardarm_reconciler.load.glimpse import glimpse
from yardarm_reconciler.model.mentions import said

API = "apiVersion: yardarm.dev/v1alpha1\n"


@pytest.mark.parametrize(
    "metadata",
    [
        "metadata: {name: api, team: nlp}",
        "metadata: {labels: {name: other, team: x}, team: nlp, name: api}",
        'metadata: {"name": ignored, name: "api", team: \'nlp\'}  # who',
        "metadata:\n  labels:\n    name: other\n    team: x\n  name: api\n  # whose\n\n  team: nlp",
        "metadata: # who\n    team: nlp # whose\n    name: 'api'",
        "metadata:\n  name: api\n  annotations: {team: x}\n  team: nlp",
    ],
)
def test_a_name_is_found_however_it_is_written(metadata):
    """In either style, in any order, between labels of such names."""
    for text in (f"{API}kind: Service\n{metadata}\nspec: {{}}\n", f"{metadata}\nkind: Service\n{API}"):
        assert [tuple(each) for each in glimpse(text)] == [("Service", "nlp", "api")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kind: Service\nmetadata: {name: api}",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}",
        f"{API}kind: Service\n",
        f"{API}kind: Service\nmetadata: {{name: api",
        f"{API}kind: Service\nmetadata:\nname: api",
        f"{API}kind: Service\nspec:\n  metadata: {{name: api}}",
        "\x00---\n---\n: :",
    ],
)
def test_what_is_no_spec_has_no_name(text):
    """Other programs' files, and halves of ours."""
    assert list(glimpse(text)) == []


def test_of_this_repository_every_spec_is_found():
    """Just those that a load finds."""
    loaded = load(own_repository()).value
    root = Path(__file__).parents[3]
    paths = {each.path for each in loaded.documents}

    found = {tuple(each) for path in paths for each in glimpse((root / path).read_text(encoding="utf-8"))}

    assert found == {(each.kind, said(each, "team"), said(each, "name")) for each in loaded.documents}
