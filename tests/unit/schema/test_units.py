"""Units: what may be written, and what it means."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from yardarm_schema import units
from yardarm_schema.accelerators import Accelerator, AcceleratorRequest
from yardarm_schema.images import Image
from yardarm_schema.names import DnsLabel, EnvName, PortName
from yardarm_schema.places import AbsolutePath, Cidr, RepoPath


def read(unit: Any, value: Any) -> Any:
    """The value as that unit."""
    return TypeAdapter(unit).validate_python(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("500m", Decimal("0.5")),
        ("1.5", Decimal("1.5")),
        (".5", Decimal("0.5")),
        ("1Ki", 1024),
        ("16Gi", 16 * 2**30),
        ("1k", 1000),
        ("1E", 10**18),
        ("1E3", 1000),
        ("1e-3", Decimal("0.001")),
        ("100n", Decimal("1e-7")),
        ("-1", -1),
    ],
)
def test_quantity_has_the_value_that_kubernetes_gives_it(text, value):
    """Suffixes of powers of 1000 and 1024, and exponents."""
    assert units.parse_quantity(text) == value


@pytest.mark.parametrize("text", ["", "Gi", "1 Gi", "1gi", "1GiB", "1e1000", "0x10", "1_000", "¼", "१"])
def test_other_text_is_no_quantity(text):
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="not a quantity"):
        units.parse_quantity(text)


def test_quantity_keeps_what_was_written():
    """A manifest shows the amount as it is in the spec."""
    assert (read(units.Cpu, 0.5), read(units.Cpu, 2), read(units.Bytes, "16Gi")) == ("0.5", "2", "16Gi")
    assert read(units.Bytes, "16Gi").value == 16 * 2**30


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        (units.Cpu, True),
        (units.Cpu, 0),
        (units.Cpu, "1Gi"),
        (units.Bytes, "512m"),
        (units.Bytes, "-1Gi"),
        (units.Bytes, "0Gi"),
        (units.Bytes, None),
        (units.Time, 30),
        (units.Time, "30"),
        (units.Time, ""),
        (units.Time, "1m1h"),
        (units.Time, "1.5h"),
        (units.Share, "101%"),
        (units.Share, 25),
        (units.Money, "4.10"),
        (units.Money, True),
        (units.Money, -1),
        (DnsLabel, "4090"),
        (DnsLabel, "a-"),
        (DnsLabel, "a\n"),
        (DnsLabel, "n\u0430me"),
        (DnsLabel, "a" * 64),
        (EnvName, "1A"),
        (EnvName, "A-B"),
        (PortName, "a--b"),
        (PortName, "80"),
        (RepoPath, "../secret"),
        (RepoPath, "a/../../b"),
        (RepoPath, "/etc/passwd"),
        (RepoPath, "a//b"),
        (RepoPath, "a\\b"),
        (RepoPath, "./a"),
        (AbsolutePath, "/"),
        (AbsolutePath, "/a:b"),
        (AbsolutePath, "/a/.."),
        (Cidr, "10.0.0.1/8"),
        (Cidr, "10.0.0.0"),
        (Cidr, ":::/8"),
        (Image, "Upper/case"),
        (Image, "a:b:c"),
        (Image, "a@sha256:abc"),
        (Image, "https://a/b"),
        (Accelerator, "h100:0"),
        (Accelerator, ":2"),
        (Accelerator, "4090:2"),
        (Accelerator, {"class": "h100", "count": "2"}),
        (Accelerator, {"count": 2}),
    ],
)
def test_wrong_values_are_refused(unit, value):
    """A number without its unit, a unit of something else, a path out of its root."""
    with pytest.raises(ValidationError):
        read(unit, value)


def test_duration_counts_seconds():
    """Days, hours, minutes and seconds add up."""
    assert [read(units.Time, text).seconds for text in ("90s", "30m", "1h30m", "1d1s")] == [
        90,
        1800,
        5400,
        86401,
    ]


def test_money_is_exact():
    """4.1 is 4.1, not the binary fraction next to it."""
    assert (read(units.Money, 4.1), read(units.Money, 260)) == (Decimal("4.1"), Decimal(260))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("redis", ("docker.io", "library/redis", "", "")),
        ("vllm/vllm-openai:v1", ("docker.io", "vllm/vllm-openai", "v1", "")),
        ("localhost/a", ("localhost", "a", "", "")),
        ("r.example.com:5000/a/b:1", ("r.example.com:5000", "a/b", "1", "")),
        ("ghcr.io/a/b:1@sha256:" + "0a" * 32, ("ghcr.io", "a/b", "1", "sha256:" + "0a" * 32)),
    ],
)
def test_image_is_taken_apart(text, parts):
    """Without a registry it is Docker Hub's, and without an owner it is in its library."""
    image = read(Image, text)
    assert (image.registry, image.repository, image.tag, image.digest) == parts


@pytest.mark.parametrize("written", ["h100-80gb:2", {"class": "h100-80gb", "count": 2}])
def test_both_forms_of_an_accelerator_mean_the_same(written):
    """The short form is only shorter."""
    assert read(Accelerator, written) == AcceleratorRequest(class_name="h100-80gb", count=2)


def test_class_alone_means_one_device():
    """``h100-80gb`` is ``h100-80gb:1``."""
    assert read(Accelerator, "h100-80gb").count == 1
