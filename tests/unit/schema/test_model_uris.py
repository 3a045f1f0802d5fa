"""Places that models come from: what is taken, what it means, and whether it is pinned."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from yardarm_schema.model_source import Uri

URIS = TypeAdapter(Uri)
COMMIT, DIGEST = "0a" * 20, "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "location", "revision", "pinned"),
    [
        ("hf://Qwen/Qwen3-8B", "Qwen/Qwen3-8B", "", False),
        ("hf://gpt2@main", "gpt2", "main", False),
        ("hf://org/a@refs/pr/2", "org/a", "refs/pr/2", False),
        (f"hf://Qwen/Qwen3-8B@{COMMIT}", "Qwen/Qwen3-8B", COMMIT, True),
        ("hf://Qwen/Qwen3-8B@0a0a0a", "Qwen/Qwen3-8B", "0a0a0a", False),
        ("oci://registry.example.com/models/a:1", "registry.example.com/models/a:1", "", False),
        (f"oci://registry.example.com/a:1@{DIGEST}", "registry.example.com/a:1", DIGEST, True),
        ("s3://models/a@b/c", None, None, None),
        ("s3://models/a/b.gguf", "models/a/b.gguf", "", True),
        ("gs://models", "models", "", True),
        ("pvc://weights", "weights", "", True),
        ("pvc://weights/a/b.gguf", "weights/a/b.gguf", "", True),
        ("https://example.com:8443/a.tar", "example.com:8443/a.tar", "", False),
        (f"https://example.com/a.gguf@{DIGEST}", "example.com/a.gguf", DIGEST, True),
        (f"s3://models/a@{DIGEST}", None, None, None),
        ("http://example.com/a?token=1", None, None, None),
        ("https://user:pass@example.com/a", None, None, None),
        ("pvc://weights/../other", None, None, None),
        ("pvc://weights/./a", None, None, None),
        ("pvc://weights//a", None, None, None),
        ("ftp://example.com/a", None, None, None),
        ("hf://a/b/c", None, None, None),
        ("hf://", None, None, None),
        ("/models/a", None, None, None),
    ],
)
def test_a_place_has_a_scheme_a_location_and_perhaps_a_revision(text, location, revision, pinned):
    """Each scheme has its own form; paths lead nowhere else, and no address carries a password or a query."""
    if location is None:
        with pytest.raises(ValidationError):
            URIS.validate_python(text)
        return

    uri = URIS.validate_python(text)

    assert (uri.location, uri.revision, uri.pinned) == (location, revision, pinned)
