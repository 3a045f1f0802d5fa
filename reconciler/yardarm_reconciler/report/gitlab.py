"""Problems as GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

from yardarm_reconciler.model.origin import Diagnostic, Severity, in_order
from yardarm_reconciler.report.fingerprints import fingerprints
from yardarm_reconciler.report.output import Json, dumps
from yardarm_reconciler.report.text import sanitise
from yardarm_reconciler.report.validation import ROOT_FILE, Validation

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def gitlab(result: Validation, _version: str, _exit_code: int) -> str:
    """A list of problems, each at the line where it begins."""
    ordered = in_order(result.diagnostics)
    return dumps([_issue(*each) for each in zip(ordered, fingerprints(ordered), strict=True)])


def _issue(problem: Diagnostic, fingerprint: str) -> Json:
    facts = [problem.message, *(fact for fact in (problem.fix, problem.note) if fact)]
    first = max(1, problem.place.line)
    return {
        "description": sanitise("; ".join(facts)),
        "check_name": problem.code.name,
        "fingerprint": fingerprint,
        "severity": SEVERITIES[problem.severity],
        "location": {
            "path": problem.place.path or ROOT_FILE,
            "lines": {"begin": first, "end": max(first, problem.place.end_line)},
        },
    }
