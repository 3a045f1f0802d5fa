"""Pairs of revisions and what is told of them: a terminal's screen and a pull request's comment, as a person approved."""

import functools
import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from tests.builders import NOW
from tests.trees import MemoryTree
from tests.unit.report.test_output import validator
from yardarm_reconciler.cli import exits
from yardarm_reconciler.forecast import forecast
from yardarm_reconciler.model.plan import Plan
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.report import plan, plan_json, plan_markdown
from yardarm_reconciler.report.text import Look

CASES = Path(__file__).parents[2] / "cases" / "plan"
PAIRS = [
    pytest.param(
        path, id=path.name, marks=[pytest.mark.slow] if path.name.startswith("three-hundred") else []
    )
    for path in sorted(CASES.iterdir())
    if not path.name.startswith("_")
]
MANY = """
apiVersion: yardarm.dev/v1alpha1
kind: Service
metadata: {{name: site-{number:03}, team: search}}
spec:
  image: registry.example.com/search/site:1
  ports: {{http: 8080}}
  health: {{path: /health}}
  resources: {{cpu: 100m, memory: 256Mi}}
  environments: {{production: {{}}}}
"""


DIGEST = re.compile(r"(?<=digest )[0-9a-f]{12}")
"""Of all that would be applied: it changes with every byte that any kind is rendered to."""


class Forgetful(dict):
    """A memory of parsed files that remembers none: no file of one side is known to be that of the other."""

    def __setitem__(self, key, value):
        """Forget."""


class StillClock:
    """A time that does not pass."""

    def now(self):
        """Noon."""
        return NOW

    def monotonic(self):
        """The beginning."""
        return 0.0

    def sleep(self, seconds):
        """Nobody waits for a plan."""
        raise AssertionError(seconds)


def overlaid(files: Mapping[str, bytes], folder: Path) -> dict[str, bytes]:
    """Files with those of a folder upon them; an empty one takes its path away."""
    paths = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    changed = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return {path: content for path, content in {**files, **changed}.items() if content}


def pair(case: Path) -> tuple[MemoryTree, MemoryTree]:
    """Both sides: the common repository, with what the case says of the base, and of the head upon that."""
    options = yaml.safe_load((case / "case.yaml").read_text()) if (case / "case.yaml").exists() else {}
    many = range(options.get("many", 0))
    files = {f"workloads/search/site-{n:03}.yaml": MANY.format(number=n).encode() for n in many}
    base = overlaid(overlaid(files, CASES / "_repository"), case / "base")
    return MemoryTree(base, "a1b2c3d" + "0" * 33), MemoryTree(
        overlaid(base, case / "head"), "e4f5a6b" + "0" * 33
    )


@functools.cache
def planned(case: Path, memory: type[dict[object, object]] = dict) -> Plan:
    """The plan of a case, made once."""
    with ThreadPoolExecutor(1) as pool:
        return forecast(*pair(case), Machinery(StillClock(), pool, "0.1.0", memory()))


@pytest.mark.parametrize("case", PAIRS)
def test_a_pair_of_revisions_is_told_as_a_person_approved_it(case, update_cases):
    """On a terminal with the exit code, and as a comment; --update-cases rewrites, then look at it."""
    found = planned(case)
    told = {
        "expected.txt": f"{plan.human(found, Look())}exit code {exits.of_plan(found)}\n",
        "expected.md": plan_markdown.comment(found, "0.1.0"),
    }

    for name, written in told.items():
        text = DIGEST.sub("0" * 12, written)
        if update_cases:
            (case / name).write_text(text, encoding="utf-8")
        assert text == (case / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("case", PAIRS)
def test_a_plan_as_json_is_as_its_schema_says(case):
    """Every field of every pair."""
    found = planned(case)

    validator("plan").validate(json.loads(plan_json.plan(found, "0.1.0", exits.of_plan(found))))


@pytest.mark.slow
@pytest.mark.parametrize("case", PAIRS)
def test_what_is_the_same_on_both_sides_need_not_be_rendered_twice(case):
    """A plan that renders of the base only what can differ is the plan that renders all of it."""
    assert planned(case) == planned(case, Forgetful)


@pytest.mark.parametrize("case", PAIRS)
def test_a_comment_is_never_too_long(case):
    """GitHub refuses a longer one, and then nobody sees anything."""
    comment = plan_markdown.comment(planned(case), "0.1.0")

    assert len(comment) < plan_markdown.LONGEST
    assert comment.startswith(plan_markdown.MARKER)
