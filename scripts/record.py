"""Records what the documentation begins with: real commands, their real output, as an animated picture.

It is the same picture whenever and wherever it is recorded: commits, ages and durations are replaced by fixed ones.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts import demo
from scripts.terminal_svg import Shown, picture
from tests.integration.pages import Session, files

CHECKOUT = Path(__file__).parents[1]
PICTURE = CHECKOUT / "docs" / "session.svg"

SPEC = "examples/02-model-server/reranker.yaml"
"""The spec that the README begins with; it is recorded with a typing error."""

STAGING = "yardarm sync -e staging --directory ../staging"

COMMANDS = (
    (f"cat {SPEC}", 0),
    ("yardarm validate", 1),
    ("yardarm validate --fix --format concise", 0),
    ("git add . && git commit --quiet --message 'Rerank search results'", 0),
    (STAGING, 0),
    ("sed -i 's/replicas: 1/replicas: 9/' ../staging/nlp-staging/Deployment.apps/reranker.yaml # by hand", 0),
    (STAGING, 0),
    ("yardarm status -e staging --directory ../staging", 0),
)
"""What is typed, and how it ends."""

FIXED = (
    (re.compile(r"(?<=@ )[0-9a-f]{7}\b"), "4f2c9e1"),
    (re.compile(r"\b\d+ (?:s|min) ago"), "3 s ago"),
    (re.compile(r"\b\d+\.\d s\b"), "0.2 s"),
)


class EndedOtherwiseError(Exception):
    """A command that is recorded did not end as it should."""


def recorded(folder: Path) -> str:
    """Run the session in an empty folder; give its picture."""
    session = Session(folder)
    session.open(CHECKOUT, demo.OWN_SPECS)
    _run(session, STAGING, 0)  # so that the recorded pass has little to do
    readme = dict(files((CHECKOUT / "README.md").read_text(encoding="utf-8")))
    spec = readme[SPEC].partition("\n")[2].replace("l4-24gb", "l4-24g")
    (session.repository / SPEC).write_text(spec, encoding="utf-8")
    _run(session, "export FORCE_COLOR=1", 0)
    return picture("Yardarm at a terminal", tuple(_shown(session)))


def _shown(session: Session) -> Iterator[Shown]:
    for command, code in COMMANDS:
        output = _run(session, command, code)
        for pattern, same in FIXED:
            output = pattern.sub(same, output)
        yield Shown(command, output)


def _run(session: Session, command: str, code: int) -> str:
    ended, output = session.run(command)
    if ended != code:
        raise EndedOtherwiseError(f"`{command}` ended with {ended}, not {code}:\n{output}")
    return output


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        PICTURE.write_text(recorded(Path(made)), encoding="utf-8")
