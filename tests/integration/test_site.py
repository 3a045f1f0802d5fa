"""The documentation as a site: whole, without a broken link, and with nothing that is loaded from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import pages
from scripts.site import LINK, _moved
from yardarm_reconciler.cli.entry import COMMANDS
from yardarm_reconciler.cli.explain import every_code

CHECKOUT = Path(__file__).parents[2]
LOADED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_site_is_built_and_loads_nothing_from_elsewhere(tmp_path: Path):
    """Links and anchors that lead nowhere are warnings; and a warning is an error."""
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    silent = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(build, cwd=CHECKOUT, env=silent, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    texts = {page: page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html")}
    assert len(texts) > 100
    assert [(page.name, found) for page, text in texts.items() for found in LOADED.findall(text)] == []
    styles = [style.read_text(encoding="utf-8") for style in tmp_path.rglob("*.css")]
    assert [found for text in styles for found in re.findall(r"url\([\"']?(?:https?:)?//[^)]*", text)] == []


def test_every_diagnostic_and_every_command_has_its_place():
    """Pages are made from what the program declares."""
    made = pages.pages()

    listed = made["diagnostics/README.md"]
    assert [name for name in every_code() if f"[{name}](" not in listed] == []
    assert [name for name in COMMANDS if f"\n## yardarm {name}\n" not in made["reference/commands.md"]] == []


@pytest.mark.parametrize(
    ("page", "link", "there"),
    [
        ("docs/guides/volume.md", "[a](../operating.md#guards)", "[a](../operating.md#guards)"),
        ("docs/guides/volume.md", "[a](../../examples/04-etl)", "[a](../examples/04-etl/README.md)"),
        ("docs/index.md", "[a](../ARCHITECTURE.md)", "[a](ARCHITECTURE.md)"),
        ("examples/04-etl/README.md", "[a](../../docs/index.md)", "[a](../../index.md)"),
        ("CONTRIBUTING.md", "[code](schema/yardarm_schema)", "code"),
        ("docs/index.md", "[a](nothing.md)", "[a](nothing.md)"),
    ],
)
def test_a_link_leads_to_the_same_in_the_site(page, link, there):
    """What is broken stays so, for mkdocs to complain about."""
    assert LINK.sub(lambda found: _moved(found, page), link) == there
