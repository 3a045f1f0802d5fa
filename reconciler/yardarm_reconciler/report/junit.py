"""Problems as JUnit XML: a test case for each error, and one for each file that has none.

There is no standard; this is what the schema of Jenkins' xunit plugin allows, which others read as well.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from yardarm_reconciler.model.origin import Diagnostic, by_path, in_order
from yardarm_reconciler.report.text import inert, sanitise
from yardarm_reconciler.report.validation import ROOT_FILE, Validation

NONCHARACTERS = str.maketrans({"\ufffe": "\\ufffe", "\uffff": "\\uffff"})
"""What XML 1.0 cannot hold, and :func:`sanitise` leaves: https://www.w3.org/TR/xml/#charsets."""


def junit(result: Validation, version: str, _exit_code: int) -> str:
    """One suite of all files that were looked at."""
    found = by_path(in_order(result.diagnostics))
    cases = [case for path in sorted({*result.files, *found}) for case in _cases(path, found.get(path, ()))]
    failed = sum(each.is_error for each in result.diagnostics)
    counts = f'tests="{len(cases)}" failures="{failed}" errors="0"'
    return "".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            f'<testsuites name="yardarm {_attribute(version)}" {counts}>\n',
            f'  <testsuite name="yardarm validate" {counts} skipped="0">\n',
            *cases,
            "  </testsuite>\n</testsuites>\n",
        )
    )


def _cases(path: str, problems: Sequence[Diagnostic]) -> Iterator[str]:
    """The errors of a file; or the file, with its warnings as what it printed."""
    name = _attribute(path or ROOT_FILE)
    errors = [each for each in problems if each.is_error]
    for each in errors:
        where = f" {each.place.line}:{each.place.column}" if each.place.line else ""
        facts = "\n".join(filter(None, (str(each), each.fix, each.note)))
        yield (
            f'    <testcase classname="{name}" name="{each.code.name}{where}">\n'
            f'      <failure type="{each.code.name}" message="{_attribute(each.message)}">{_text(facts)}</failure>\n'
            "    </testcase>\n"
        )
    if errors:
        return
    if not problems:
        yield f'    <testcase classname="{name}" name="valid"/>\n'
        return
    said = _text("\n".join(str(each) for each in problems))
    yield (
        f'    <testcase classname="{name}" name="valid">\n'
        f"      <system-out>{said}</system-out>\n"
        "    </testcase>\n"
    )


def _attribute(text: str) -> str:
    return html.escape(sanitise(text).translate(NONCHARACTERS))


def _text(text: str) -> str:
    return "\n".join(_attribute(inert(line)) for line in text.splitlines())
