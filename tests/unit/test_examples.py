"""This repository's own platform and examples: valid, within their budgets, and rendered as committed."""

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.rendering import REPOSITORY, Rendered, as_text, own_repository, render
from tests.trees import MemoryTree
from yardarm_reconciler.expand import expand
from yardarm_reconciler.model.budget import add
from yardarm_reconciler.model.document import Specs
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.resolve import resolve
from yardarm_reconciler.validate import validate

EXAMPLES = sorted(path for path in (REPOSITORY / "examples").iterdir() if path.is_dir())
ENVIRONMENTS = ("dev", "staging", "production", "training")


@cache
def rendered_in(environment: str) -> Rendered:
    """This repository in one of its environments; its files do not change meanwhile."""
    return render(own_repository(), environment)


def of(folder: Path, environment: str) -> tuple[Manifest, ...]:
    """The manifests of the workloads whose specs lie in a folder."""
    rendered = rendered_in(environment)
    inside = f"{folder.relative_to(REPOSITORY).as_posix()}/"
    found = [
        item for each in rendered.workloads if each.origin.path.startswith(inside) for item in each.manifests
    ]
    return tuple(sorted(found, key=lambda item: item.key))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_an_example_renders_as_committed(folder, environment, update_cases):
    """Write them anew by `pytest tests/unit/test_examples.py --update-cases`. Where it does not run no file lies."""
    expected = folder / "expected" / f"{environment}.yaml"
    text = as_text(of(folder, environment))
    if update_cases:
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(text) if text else expected.unlink(missing_ok=True)
    assert text == (expected.read_text() if expected.exists() else "")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_is_said_of_the_examples(environment):
    """Not even a warning: they are what people copy."""
    rendered = rendered_in(environment)
    assert [str(each) for each in rendered.diagnostics] == []
    assert not rendered.resolution.held
    assert {each.id for each in rendered.workloads} == rendered.resolution.present


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_examples_are_within_their_budgets(environment):
    """At their peaks, all together, for each team and the environment."""
    rendered = rendered_in(environment)
    limits = rendered.resolution.limits
    for owner, limit in [("", limits.environment), *limits.teams.items()]:
        peak = add(each.peak for each in rendered.workloads if owner in ("", each.team))
        assert all(peak.amount(what) <= most for what, (most, _) in limit.devices.items()), owner
        assert limit.cost_per_hour is None or peak.cost_per_hour <= limit.cost_per_hour, owner


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_what_is_read_changes_no_byte(seed):
    """The same commit renders to the same bytes, in whichever order its documents come (P12)."""
    tree = own_repository()
    plain = render(tree, "production")
    loaded = plain.specs.loaded
    documents = list(loaded.documents)
    random.Random(seed).shuffle(documents)  # noqa: S311 - an order, not a secret
    specs = validate(replace(loaded, documents=tuple(documents)))
    assert _rendered(specs.value) == _rendered(plain.specs)
    assert as_text(
        render(MemoryTree(dict(reversed(tree.contents.items()))), "production").manifests
    ) == as_text(plain.manifests)


def _rendered(specs: Specs) -> list[tuple[str, str, str, tuple[str, ...]]]:
    workloads = expand(resolve(specs, "production").value).value
    return [(each.id, each.input_hash, as_text(each.manifests), each.depends_on) for each in workloads]
