"""Every format in which programs read what ``validate`` found, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from yardarm_reconciler.report.github import github
from yardarm_reconciler.report.gitlab import gitlab
from yardarm_reconciler.report.junit import junit
from yardarm_reconciler.report.output import validation, validation_lines
from yardarm_reconciler.report.sarif import sarif
from yardarm_reconciler.report.validation import Validation
from yardarm_reconciler.report.validation_markdown import markdown

MAKERS: Mapping[str, Callable[[Validation, str, int], str]] = {
    "json": validation,
    "jsonl": validation_lines,
    "sarif": sarif,
    "junit": junit,
    "github": github,
    "gitlab": gitlab,
    "markdown": markdown,
}
"""From what was found, the version of Yardarm and the exit code."""
