"""Manifests are read as kubectl reads them, and what is none is refused without a word of what it holds."""

import pytest

from yardarm_reconciler.importing.reading import objects
from yardarm_reconciler.model.origin import UserError

HEAD = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}"


def data(text: str) -> object:
    """What the data of a ConfigMap are, given as YAML."""
    return objects("a.yaml", f"{HEAD}, data: {text}}}".encode())[0]["data"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0644", 420),
        ("0o14", 12),
        ("0x1F", 31),
        ("1_000", 1000),
        ("-0", 0),
        ("1e3", 1000.0),
        ("on", True),
        ("No", False),
        ("y", "y"),
        ("~", None),
        ("2026-01-02", "2026-01-02"),
        ("22:30", "22:30"),
        ("089", "089"),
        ("{on: 1, 8: 2}", {"true": 1, "8": 2}),
        ("[&a {b: 1}, {<<: *a, c: 2}]", [{"b": 1}, {"b": 1, "c": 2}]),
    ],
)
def test_a_text_without_quotes_is_what_kubectl_takes_it_for(text, value):
    """Octal, old truths, dates as texts, keys as texts, aliases and merges."""
    assert data(text) == value


def test_lists_are_taken_apart_and_empty_documents_left_out():
    """Both the List of kubectl and JSON are read."""
    listed = f"---\n---\n{{apiVersion: v1, kind: List, items: [{HEAD}}}, {HEAD}}}]}}\n---\n"

    assert [each["kind"] for each in objects("a.yaml", listed.encode())] == ["ConfigMap", "ConfigMap"]
    assert objects("a.json", b'{"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}}')


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
)


@pytest.mark.parametrize(
    "text",
    [
        "a: [s3cret",
        "a: 1\na: s3cret",
        "- s3cret",
        "kind: Pod",
        "[" * 100_000,
        BOMB,
        "a: !!python/object:os.system s3cret",
        "a: \x00s3cret",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {containers: s3cret}}}}",
    ],
)
def test_what_is_no_manifest_is_refused(text):
    """The file is named, and nothing of what it holds is shown."""
    with pytest.raises(UserError) as refused:
        objects("a.yaml", text.encode())

    assert refused.value.exit_code == 2
    assert str(refused.value).startswith("a.yaml")
    assert "s3cret" not in str(refused.value)
