"""Text for comments of pull requests: nothing foreign is markup, calls a person, or links anywhere.

Foreign text stands in code: a span as long as it needs to be, or a fence. There neither GitHub nor GitLab looks for
mentions, references, links or HTML. https://spec.commonmark.org/0.31.2/#code-spans
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from yardarm_reconciler.report.text import sanitise

_TICKS = re.compile(r"`+")


def code(text: str) -> str:
    """Foreign text as a code span on one line; nothing for nothing."""
    safe = sanitise(text)
    if not safe.strip():
        return ""
    ticks = "`" * (_longest(safe) + 1)
    edge = " " if safe.startswith("`") or safe.endswith("`") else ""
    return f"{ticks}{edge}{safe}{edge}{ticks}"


def cell(text: str) -> str:
    """The same in a table, where a bar would end the cell even in code."""
    return code(text).replace("|", "\\|")


def html_code(text: str) -> str:
    """Foreign text as code inside of an HTML tag, where no markdown is read."""
    return f"<code>{html.escape(sanitise(text))}</code>"


def fence(language: str, lines: Iterable[str]) -> str:
    """Foreign lines as a block."""
    safe = [sanitise(line) for line in lines]
    ticks = "`" * max(3, max((_longest(line) for line in safe), default=0) + 1)
    return "\n".join((f"{ticks}{language}", *safe, ticks))


def folded(summary: str, body: str, *, unfolded: bool = False) -> str:
    """A part that opens when it is clicked on; ``summary`` is safe already."""
    return f"<details{' open' if unfolded else ''}><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _longest(text: str) -> int:
    return max((len(each) for each in _TICKS.findall(text)), default=0)
