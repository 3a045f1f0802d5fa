"""What a field is for, found in the schemas."""

import pytest

from yardarm_schema.field_help import UnknownFieldError, field_help, kind_of
from yardarm_schema.kinds import DOCUMENTS


def every_field(kind, *path, depth=4):
    """Names of all fields of a kind, some levels deep."""
    yield path
    if depth:
        for member in field_help(kind, *path).members:
            if member.name not in path and member.name != "environments":
                yield from every_field(kind, *path, member.name, depth=depth - 1)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_field_says_what_it_is_for_and_how_to_write_it(kind):
    """A field without a sentence helps nobody."""
    for path in every_field(kind):
        found = field_help(kind, *path)
        assert found.description, path
        assert found.forms, path


@pytest.mark.parametrize(
    ("path", "forms"),
    [
        (("image",), ("text, such as registry.example.com/nlp/api:1.4",)),
        (("isolation",), ("one of container, vm, gvisor, confidential",)),
        (("resources", "memory"), ("text, such as 16Gi", "a number")),
        (("volumes", "size"), ("text, such as 16Gi", "a number")),
        (("volumes", "models", "size"), ("text, such as 16Gi", "a number")),
        (("spec", "image"), ("text, such as registry.example.com/nlp/api:1.4",)),
    ],
)
def test_a_field_has_its_forms(path, forms):
    """With or without ``spec``, with or without the names that people choose."""
    assert field_help("Service", *path).forms == forms


def test_a_field_that_there_is_not_is_answered_with_those_that_there_are():
    """At the step where the way ends."""
    with pytest.raises(UnknownFieldError) as unknown:
        field_help("Service", "resources", "memry")

    assert (unknown.value.name, unknown.value.step) == ("Service.resources", "memry")
    assert "memory" in unknown.value.known


def test_a_kind_is_known_in_any_case():
    """People do not type capitals."""
    assert (kind_of("batchjob"), kind_of("BatchJob"), kind_of("job")) == ("BatchJob", "BatchJob", None)
