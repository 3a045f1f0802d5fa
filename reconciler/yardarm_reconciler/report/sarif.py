"""Problems as SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

Rules are the codes of what was found, with the texts of ``yardarm explain``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from yardarm_reconciler.model.origin import Code, Diagnostic, Edit, Place, Severity, in_order
from yardarm_reconciler.report.fingerprints import fingerprints
from yardarm_reconciler.report.markdown import fence
from yardarm_reconciler.report.output import dumps
from yardarm_reconciler.report.text import sanitise
from yardarm_reconciler.report.validation import ROOT_FILE, Validation

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "yardarm/v1"

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}

Json = dict[str, Any]


def sarif(result: Validation, version: str, exit_code: int) -> str:
    """One run with a result for each problem."""
    ordered = in_order(result.diagnostics)
    codes = {each.code.name: each.code for each in ordered}
    names = sorted(codes)
    index = {name: number for number, name in enumerate(names)}
    run = {
        "tool": {
            "driver": {"name": "Yardarm", "version": version, "rules": [_rule(codes[name]) for name in names]}
        },
        "automationDetails": {"id": "yardarm/validate"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "exitCode": exit_code}],
        "results": [
            _result(each, index, print_) | _fixes(result.edits.get(each))
            for each, print_ in zip(ordered, fingerprints(ordered), strict=True)
        ],
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: Code) -> Json:
    examples = [(label, said) for label, said in (("Bad", code.bad), ("Good", code.good)) if said]
    plain = [code.why, *(f"{label}:\n{said}" for label, said in examples)]
    marked = [code.why, *(f"{label}:\n\n{fence('yaml', said.splitlines())}" for label, said in examples)]
    return {
        "id": code.name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.why},
        "help": {"text": "\n\n".join(plain), "markdown": "\n\n".join(marked)},
        "defaultConfiguration": {"level": LEVELS[code.severity]},
        "properties": {"tags": [code.name.partition("/")[0]]},
    }


def _result(problem: Diagnostic, index: Mapping[str, int], fingerprint: str) -> Json:
    facts = [problem.message, *(fact for fact in (problem.fix, problem.note) if fact)]
    return {
        "ruleId": problem.code.name,
        "ruleIndex": index[problem.code.name],
        "level": LEVELS[problem.severity],
        "message": {"text": _plain("; ".join(facts))},
        "locations": [{"physicalLocation": _location(problem.place)}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }


def _fixes(edit: Edit | None) -> Json:
    """What may be written for a problem: one change of one file (3.55)."""
    if edit is None:
        return {}
    replacement = {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.new}}
    artifact = _location(edit.place)["artifactLocation"]
    change = {"artifactLocation": artifact, "replacements": [replacement]}
    return {"fixes": [{"description": {"text": _plain(f"write {edit.new}")}, "artifactChanges": [change]}]}


def _plain(text: str) -> str:
    """Text without links: in a plain message ``[words](target)`` is one (3.11.6)."""
    return sanitise(text).replace("](", "] (")


def _location(place: Place) -> Json:
    """Where a problem is; a reader that shows it at a line needs some file."""
    artifact = {"uri": quote(place.path or ROOT_FILE, errors="backslashreplace"), "uriBaseId": "%SRCROOT%"}
    return {"artifactLocation": artifact, **({"region": _region(place)} if place.line else {})}


def _region(place: Place) -> Json:
    """A range as SARIF has it, whose end is the column after the last, as ours is."""
    region = {"startLine": place.line}
    if place.column:
        region["startColumn"] = place.column
    if place.end_line and place.end_column:
        region |= {"endLine": place.end_line, "endColumn": place.end_column}
    return region
