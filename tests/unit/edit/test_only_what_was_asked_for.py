"""Edits of specs however they are written: nothing but what was asked for is another byte."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.edit.texts import BASE, NEW, OLD, OTHER, written
from yardarm_reconciler.edit.promotion import steps
from yardarm_reconciler.edit.source import SourceFile, read
from yardarm_reconciler.edit.values import put
from yardarm_reconciler.model.merge import merge, without
from yardarm_reconciler.model.node import Node, descend, plain

FILES = 200
randoms = st.integers(0, 2**32).map(Random)
"""By seed: files are then as unlike as they can be, where Hypothesis would begin with the plainest."""


def source(data: bytes) -> SourceFile:
    """The file, which is in order."""
    found = read("a.yaml", data)
    assert found.value is not None, (data.decode(), found.diagnostics)
    return found.value


BEFORE = re.compile(r"(?:\r?\n *|, )?image: $")
AFTER = re.compile(r"^(?:\r?\n *| )?")
"""What stands around the image where the field is new: its key, and what keeps it apart from its neighbours."""


def is_only(image: str, before: bytes, after: bytes) -> bool:
    """Whether the image, or the field with it, is all that the bytes after have and those before do not."""
    old, new = before.decode(), after.decode()
    return any(
        _is_only_there(old, new[: at.start()], new[at.end() :]) for at in re.finditer(re.escape(image), new)
    )


def _is_only_there(old: str, head: str, tail: str) -> bool:
    if any(head + each + tail == old for each in (OLD, OTHER)):
        return True
    key, rest = BEFORE.search(head), AFTER.sub("", tail)
    return key is not None and old in {
        head[: key.start()] + tail,
        head[: key.start()] + rest,
        head[: key.end() - len("image: ")] + rest,
    }


def said(file: SourceFile, document: int, environment: str) -> Node:
    """The spec for an environment."""
    spec = descend(file.documents[document], ("spec",))[0]
    base = without(spec, "environments")
    override, _, depth = descend(spec, ("environments", environment))
    return merge(base, override) if depth == 2 else base


@settings(max_examples=FILES)
@given(random=randoms)
def test_an_image_is_set_and_nothing_else(random: Random):
    """Of the spec, or of one environment, whether it has one of its own or not."""
    given_file = written(random)
    file = source(given_file.data)
    where = random.choice([BASE, *given_file.environments])
    path = ("spec", "image") if where == BASE else ("spec", "environments", where, "image")

    found = put(file, given_file.document, path, NEW)

    assert found.value is not None, (given_file.data.decode(), path, found.diagnostics)
    after = source(found.value.data)
    assert is_only(NEW, file.data, after.data)
    assert descend(after.documents[given_file.document], path)[0].value == NEW
    for name in given_file.environments:
        old, new = (plain(said(each, given_file.document, name)) for each in (file, after))
        assert {**old, "image": None} == {**new, "image": None}
        assert where in {BASE, name} or old["image"] == new["image"]


@settings(max_examples=FILES)
@given(random=randoms)
def test_what_is_promoted_is_one_value_of_one_environment(random: Random):
    """The target runs the image of the source; the source and every other environment run what they ran."""
    given_file = written(random)
    file = source(given_file.data)
    one, two = random.choice(given_file.environments), random.choice(given_file.environments)
    have, want = (said(file, given_file.document, name) for name in (one, two))

    after = file
    promoted = steps("Service", have, want)
    for step in promoted:
        found = put(after, given_file.document, ("spec", "environments", two, *step.path), step.value)
        assert found.value is not None, (given_file.data.decode(), found.diagnostics)
        after = found.value

    if promoted:
        assert is_only(promoted[0].value, file.data, after.data)
    else:
        assert after.data == file.data
    for name in given_file.environments:
        old, new = (plain(said(each, given_file.document, name)) for each in (file, after))
        wanted = plain(have)["image"] if name == two else old["image"]
        assert new == {**old, "image": wanted}
