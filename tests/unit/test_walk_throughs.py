"""What the examples' pages show and count: the very spec, and what it becomes. No number can get old."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.rendering import REPOSITORY

HEAD = "| what | lines | objects |\n|---|---:|---|\n"
TABLE = re.compile(rf"{re.escape(HEAD)}(?:\|.*\n)*")
SHOWN = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https://)([^)#]+)")
COUNTED = re.compile(r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten)(?: \w+)? (?:lines|objects)\b")

PAGES = sorted((REPOSITORY / "examples").glob("*/README.md"))
COUNTING = [page for page in PAGES if HEAD in page.read_text()]
WALK_THROUGHS = {
    "41-kafka-consumer",
    "50-nightly-evaluation",
    "51-multi-node-training",
    "60-model-behind-a-route",
}
"""A stream, a batch job at night, training on many nodes, a model that people call: each with all of its spec."""

MOST_LINES = 30
"""Of a walk-through's spec: it is read as a whole."""


def specs(folder: Path) -> list[Path]:
    """The files of specs in a folder."""
    return [file for file in sorted(folder.glob("*.yaml")) if "apiVersion: yardarm.dev/" in file.read_text()]


def table(folder: Path) -> str:
    """Lines and objects of the specs, and of what is rendered in each environment."""
    rows = [
        f"| `{file.name}` | {_lines(file.read_text())} | {_named(file, 'spec', 'specs')} |\n"
        for file in specs(folder)
    ]
    rows += [
        f"| [{file.stem}](expected/{file.name}) | {_lines(file.read_text())} | {_named(file, 'object', 'objects')} |\n"
        for file in sorted(folder.glob("expected/*.yaml"))
    ]
    return HEAD + "".join(rows)


def _lines(text: str) -> int:
    """Without those between documents."""
    return sum(line != "---" for line in text.splitlines())


def _named(file: Path, one: str, many: str) -> str:
    """How many documents a file has, and their kinds."""
    kinds = Counter(each["kind"] for each in yaml.safe_load_all(file.read_text()) if each)
    named = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(kinds.items()))
    return f"{kinds.total()} {one if kinds.total() == 1 else many}: {named}"


@pytest.mark.parametrize("page", COUNTING, ids=lambda page: page.parent.name)
def test_a_page_counts_what_there_is(page, update_cases):
    """Count them anew by `pytest tests/unit/test_walk_throughs.py --update-cases`, after the examples."""
    text = page.read_text()
    if update_cases:
        text = TABLE.sub(lambda _: table(page.parent), text)
        page.write_text(text)
    assert TABLE.findall(text) == [table(page.parent)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_a_page_counts_nowhere_else(page):
    """Lines and objects are counted in a table, where they are held to what there is."""
    assert COUNTED.findall(TABLE.sub("", page.read_text())) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_a_spec_that_is_shown_is_the_one_that_is_rendered(page):
    """Whole documents on a page are those beside it, to the last character."""
    beside = {file.read_text() for file in specs(page.parent)}
    shown = {
        block for block in SHOWN.findall(page.read_text()) if block.startswith("apiVersion: yardarm.dev/")
    }
    assert shown <= beside


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_links_of_a_page_lead_somewhere(page):
    """To another example, to the platform, or to what is rendered."""
    targets = [page.parent / link for link in LINK.findall(page.read_text())]
    assert [str(each) for each in targets if not each.exists()] == []


@pytest.mark.parametrize("name", sorted(WALK_THROUGHS))
def test_a_walk_through_shows_all_of_a_short_spec(name):
    """One file, on one screen, with its counts below."""
    page = REPOSITORY / "examples" / name / "README.md"
    (file,) = specs(page.parent)
    assert page in COUNTING
    assert SHOWN.findall(page.read_text())[0] == file.read_text()
    assert _lines(file.read_text()) <= MOST_LINES
