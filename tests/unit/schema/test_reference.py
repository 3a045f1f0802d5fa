"""Pages about every field, made from the models."""

from pathlib import Path

import orjson
import pytest
import yaml

from yardarm_schema.base import parse
from yardarm_schema.kinds import DOCUMENTS, WORKLOADS
from yardarm_schema.reference import COMMON, example, pages
from yardarm_schema.workload import Program

COMMITTED = Path(__file__).parents[3] / "docs" / "reference"
PAGES = pages()


def test_committed_pages_are_what_the_models_give():
    """Pages are generated: run ``yardarm schema --pages docs/reference`` after a change of the models."""
    assert {path.name: path.read_bytes() for path in COMMITTED.iterdir()} == PAGES


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_the_spec_on_a_page_is_valid(kind):
    """Whoever copies it has something that works."""
    tree = yaml.safe_load(example(kind))

    assert parse(DOCUMENTS[kind], orjson.dumps(tree)).kind == kind


@pytest.mark.parametrize("kind", sorted(WORKLOADS))
def test_every_field_has_a_line(kind):
    """On the page of the kind, or on that of all programs."""
    text = PAGES[f"{kind}.md"].decode()
    if issubclass(WORKLOADS[kind], Program):
        text += PAGES[f"{COMMON}.md"].decode().replace("| `", "| `spec.")

    fields = [info.alias or name for name, info in WORKLOADS[kind].model_fields.items()]
    assert [field for field in fields if f"| `spec.{field}` |" not in text] == []


def test_fields_in_maps_and_lists_have_the_way_to_them():
    """With NAME for a name that people choose, and brackets for the items of a list."""
    text = PAGES["program.md"].decode()

    assert "| `env.NAME.secret` | text" in text
    assert "| `network.ingress[].workload` | text" in text


def test_a_field_is_required_where_every_form_has_it():
    """What only one form has is not: the words of the map say which forms there are."""
    text = PAGES["program.md"].decode()

    assert "| `volumes.NAME.path` | text, such as /data | required |" in text
    assert "| `volumes.NAME.claim` | text, such as data-sets |  |" in text


def test_a_step_says_what_it_has_besides_a_job():
    """Not all that jobs have, once more."""
    text = PAGES["Pipeline.md"].decode()

    assert "| `spec.steps.NAME.needs` |" in text
    assert "| `spec.steps.NAME.shards` |" not in text
