"""What mkdocs does not do by itself: pages that are made, and what pages link to outside of ``docs``.

In the repository links lead from file to file. The site has every file that is linked to, at the same path, but for
``docs``, which is the root of the site; links are written anew to lead there.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from scripts.pages import pages

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(?P<words>!?\[[^\]]*\])\((?P<target>[^)\s#:]+)(?P<anchor>#[^)]*)?\)")
ALWAYS = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
LISTED = {"examples": "Examples", "docs/decisions": "Decisions"}
"""Folders that a page of the site lists, by its title."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is made from the program, lists of folders, and every file that a page links to."""
    lists = {f"{_place(folder)}/README.md": _list_of(folder, title) for folder, title in LISTED.items()}
    for place, text in {**pages(), **lists}.items():
        files.append(File.generated(config, place, content=text))
    for path in _linked():
        if not path.startswith("docs/"):
            files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links lead to where the site has what they name; how a block of commands ends is for its test alone."""
    del config, files
    place = page.file.src_uri
    path = next((each for each in (f"docs/{place}", place) if (ROOT / each).exists()), None)
    plain = re.sub(r"^(```[a-z]+) exit=\d+$", r"\1", markdown, flags=re.MULTILINE)
    return plain if path is None else LINK.sub(lambda link: _moved(link, path), plain)


def _moved(link: re.Match[str], path: str) -> str:
    target = _target(path, link["target"])
    if target is None:
        return link["words"][1:-1]
    there = posixpath.relpath(_place(target), posixpath.dirname(_place(path)) or ".")
    return f"{link['words']}({there}{link['anchor'] or ''})"


def _target(path: str, target: str) -> str | None:
    """What a link on a page names, from the repository's root; None for a folder of code, which the site has not.

    A file that does not exist is left for mkdocs to complain about.
    """
    named = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if named == "README.md":
        return "docs/index.md"
    if not (ROOT / named).is_dir():
        return named
    return f"{named}/README.md" if named in LISTED or (ROOT / named / "README.md").exists() else None


def _place(path: str) -> str:
    return path.removeprefix("docs/")


def _linked() -> set[str]:
    """Every file that a page links to, and those that their pages link to, and so on; and the pages themselves."""
    waiting = [str(each.relative_to(ROOT)) for each in (ROOT / "docs").rglob("*.md")]
    waiting += [*ALWAYS, *(str(each.relative_to(ROOT)) for each in ROOT.glob("examples/*/README.md"))]
    found: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path in found or not (ROOT / path).is_file():
            continue
        found.add(path)
        if path.endswith(".md"):
            links = LINK.finditer((ROOT / path).read_text(encoding="utf-8"))
            waiting += [target for each in links if (target := _target(path, each["target"]))]
    return found


def _list_of(folder: str, title: str) -> str:
    pages_in = [*sorted((ROOT / folder).glob("*/README.md")), *sorted((ROOT / folder).glob("*.md"))]
    lines = (f"- [{_title(each)}]({each.relative_to(ROOT / folder)})\n" for each in pages_in)
    return f"# {title}\n\n{''.join(lines)}"


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
