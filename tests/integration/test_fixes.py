"""``validate --fix``: what is certain is repaired in the files, looked at again, and nothing else is touched."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.engine import ROOT, TEAM, service
from tests.integration.git_server import git
from tests.integration.test_commands_on_specs import CLASS, ENVIRONMENT, run, write
from yardarm_reconciler.cli import fixing
from yardarm_reconciler.edit.repairs import Repaired
from yardarm_reconciler.edit.source import SourceFile
from yardarm_reconciler.model.origin import Diagnostic, Edit, UserError

GOOD = service("small", accelerator="l4-24gb", replicas=2, health={"path": "/"})
WRONG = GOOD.replace("l4-24gb", "l4-24g").replace("replicas", "replica")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One server with two typing errors, the second of which is seen when the first is gone."""
    write(tmp_path, "yardarm.yaml", ROOT)
    write(tmp_path, "platform/dev.yaml", ENVIRONMENT)
    write(tmp_path, "platform/l4.yaml", CLASS)
    write(tmp_path, "platform/nlp.yaml", TEAM)
    write(tmp_path, "workloads/small.yaml", WRONG)
    write(
        tmp_path,
        "workloads/other.yaml",
        service("other", health={"path": "/"}).replace("spec:", "spec: # ünchanged"),
    )
    return tmp_path


def test_a_repair_is_written_and_what_it_uncovers_is_found(repository):
    """All that is left is reported, with its exit code; the next call repairs that."""
    code, out, err = run(repository, "validate", "--fix", "--format", "json")

    assert (code, err) == (1, "1 problem repaired in 1 file\n")
    assert [each["code"] for each in json.loads(out)["diagnostics"]] == ["accelerator/unknown-class"]
    assert run(repository, "validate", "--fix")[0] == 0
    assert (repository / "workloads/small.yaml").read_text() == GOOD
    assert run(repository, "validate", "--fix")[2] == "0 problems repaired in 0 files\n"


def test_a_difference_is_shown_and_nothing_is_written(repository):
    """Exit code 1 while there is something to repair."""
    code, out, _ = run(repository, "validate", "--diff")

    changed = [line for line in out.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert code == 1
    assert [line.count("replicas") for line in changed] == [0, 1]
    assert (repository / "workloads/small.yaml").read_text() == WRONG
    write(repository, "workloads/small.yaml", GOOD)
    assert run(repository, "validate", "--diff") == (0, "", "")


def test_what_a_person_may_write_is_not_touched_beside_the_paths(repository):
    """PATHS limit what is repaired as they limit what is reported."""
    assert (
        run(repository, "validate", "workloads/other.yaml", "--fix")[2] == "0 problems repaired in 0 files\n"
    )
    assert (repository / "workloads/small.yaml").read_text() == WRONG


def test_a_commit_cannot_be_repaired(repository):
    """It is refused in usage, before anything is looked at."""
    git(repository, "init", "-q", "-b", "main")
    with pytest.raises(UserError) as refused:
        run(repository, "validate", "--fix", "--revision", "HEAD")

    assert refused.value.exit_code == 2


def test_what_is_fixable_is_told(repository):
    """To people in the sum, to programs with the problem."""
    assert "· --fix repairs 1" in " ".join(run(repository, "validate")[1].split())
    (found,) = json.loads(run(repository, "validate", "--format", "json")[1])["diagnostics"]
    assert found["fixable"] is True


def applied(text: str, result: dict[str, Any]) -> str:
    """A file with the fixes of a SARIF result written into it."""
    for fix in result["fixes"]:
        (change,) = fix["artifactChanges"]
        (replacement,) = change["replacements"]
        lines, region = text.splitlines(keepends=True), replacement["deletedRegion"]
        assert region["startLine"] == region["endLine"]
        line = lines[region["startLine"] - 1]
        before, after = line[: region["startColumn"] - 1], line[region["endColumn"] - 1 :]
        lines[region["startLine"] - 1] = f"{before}{replacement['insertedContent']['text']}{after}"
        text = "".join(lines)
    return text


def test_the_fixes_of_sarif_are_those_that_fix_writes(repository, monkeypatch):
    """Byte for byte; one that does not help is none, and what --fix leaves behind comes with its own."""
    (first,) = json.loads(run(repository, "validate", "--format", "sarif")[1])["runs"][0]["results"]
    written = applied(WRONG, first)
    _, out, _ = run(repository, "validate", "--fix", "--format", "sarif")
    (second,) = json.loads(out)["runs"][0]["results"]

    assert (repository / "workloads/small.yaml").read_text() == written
    assert applied(written, second) == GOOD

    def in_vain(file: SourceFile, problems: Sequence[Diagnostic]) -> Repaired:
        return Repaired(file, tuple(problems), {each: Edit(each.place, "x") for each in problems})

    monkeypatch.setattr(fixing, "repaired", in_vain)
    (vain,) = json.loads(run(repository, "validate", "--format", "sarif")[1])["runs"][0]["results"]
    assert "fixes" not in vain


def test_a_file_in_which_the_problem_is_not_gone_stays_as_it_was(repository, monkeypatch):
    """The second look decides, not the repair; what else it repaired in that file is not written either."""
    monkeypatch.setattr(
        fixing,
        "repaired",
        lambda file, problems: Repaired(replace(file, data=file.data + b"# x\n"), problems),
    )

    assert run(repository, "validate", "--fix")[2] == "0 problems repaired in 0 files\n"
    assert (repository / "workloads/small.yaml").read_text() == WRONG
