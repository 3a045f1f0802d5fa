"""Every command that the documentation shows is run, and prints what the page says."""

import re
from pathlib import Path

import pytest

from scripts import demo
from tests import rendering
from tests.integration.pages import ANY, BLOCK, Session, commands, files, same
from yardarm_reconciler import settings
from yardarm_schema.kinds import PLATFORM, WORKLOADS

CHECKOUT = Path(__file__).parents[2]
GUIDES = CHECKOUT / "docs" / "guides"
PAGES = sorted([CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md"), *CHECKOUT.glob("[A-Z]*.md")])
SESSIONS = [page for page in dict.fromkeys(PAGES) if "```console" in page.read_text(encoding="utf-8")]

ELSEWHERE = {
    "scripts/setup",
    "scripts/demo",
    "scripts/check",
    "scripts/lock",
    "git clone",
    "pytest",
    "kubectl",
    "helm",
}
"""What blocks ``sh`` may show: the set-up, which other tests run (kubectl's, and what helm renders: tests/deploy), and what would run all tests in a test."""


def own_specs(page: Path, text: str) -> tuple[str, ...]:
    """What of this repository a page's commands see: small enough that what they print can be shown whole.

    The README speaks of a clone, a guide of the examples that it names, all others of the demo's.
    """
    if page == CHECKOUT / "README.md":
        return rendering.OWN_SPECS
    if page.parent == GUIDES:
        return ("yardarm.yaml", "environments", *sorted(set(re.findall(r"examples/\d\d-[-a-z]+", text))))
    return demo.OWN_SPECS


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", SESSIONS, ids=lambda page: page.name)
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path, update_cases):
    """Its files are written, its commands run in order, their output and exit codes are those of the page."""
    text = page.read_text(encoding="utf-8")
    session = Session(tmp_path)
    session.open(CHECKOUT, own_specs(page, text))
    for path, content in files(text):
        if not (session.repository / path).exists():
            (session.repository / path).parent.mkdir(parents=True, exist_ok=True)
            (session.repository / path).write_text(content, encoding="utf-8")

    shift = 0
    for command in commands(text):
        code, printed = session.run(command.line)
        assert code == command.code, f"$ {command.line}\n{printed}"
        shown = not command.output or same(command.output, printed)
        if not shown and update_cases and ANY not in command.output.splitlines():
            text = text[: command.start + shift] + printed + text[command.end + shift :]
            shift += len(printed) - (command.end - command.start)
        else:
            assert shown, f"$ {command.line}\n{printed}"
    if update_cases:
        page.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("page", sorted(GUIDES.glob("*.md")), ids=lambda page: page.stem)
def test_a_guide_shows_examples_as_they_are(page: Path):
    """Each spec is a file of this repository, or of the platform's one document of it, word for word."""
    shown = [(path, text.partition("\n")[2]) for path, text in files(page.read_text(encoding="utf-8"))]

    assert shown or page.stem == "README"
    for path, text in shown:
        content = (CHECKOUT / path).read_text(encoding="utf-8")
        assert text == content if path.startswith("examples/") else text in content, path


def test_every_kind_has_a_guide():
    """It shows a spec of that kind, and the list of guides names it."""
    guides = "".join(page.read_text(encoding="utf-8") for page in GUIDES.glob("*.md"))
    listed = (GUIDES / "README.md").read_text(encoding="utf-8")

    assert [kind for kind in [*WORKLOADS, *PLATFORM] if f"\nkind: {kind}\n" not in guides] == []
    assert [kind for kind in WORKLOADS if f"[{kind}](" not in listed] == []


def test_no_command_is_shown_that_no_test_runs():
    """Commands stand in blocks ``console``; those in blocks ``sh`` are few and run elsewhere."""
    blocks = [
        (page.name, block) for page in PAGES for block in BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]
    shown = [
        (page, line) for page, block in blocks if block["kind"] == "sh" for line in block["text"].splitlines()
    ]

    unknown = [line for line in shown if not any(each in line[1] for each in ELSEWHERE)]

    assert unknown == []
    assert {block["kind"] for _, block in blocks} <= {"console", "sh", "yaml", "text"}


def test_settings_that_are_shown_are_settings(tmp_path: Path):
    """A block with kind Settings can be read, whatever it binds."""
    texts = [block["text"] for page in PAGES for block in BLOCK.finditer(page.read_text(encoding="utf-8"))]
    shown = [text for text in texts if re.search(r"^kind: Settings$", text, re.MULTILINE)]

    assert shown
    for number, text in enumerate(shown):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text, encoding="utf-8")
        assert settings.read(path).bound


def test_links_between_pages_lead_somewhere():
    """Every relative link names a file of this repository."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize(
    ("shown", "printed", "answer"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("a\n…\n", "a\nb\nc\n", True),
        ("…\nc\n", "a\nb\nd\n", False),
        ("dev @ 4f2c9e1 in 0.1 s\n", "dev @ 0000000 in 4.2 s\n", True),
        ("39 created in 0.1 s\n", "38 created in 0.1 s\n", False),
    ],
)
def test_only_what_varies_is_not_compared(shown, printed, answer):
    """Commits and times differ from run to run; numbers of objects do not."""
    assert same(shown, printed) is answer
