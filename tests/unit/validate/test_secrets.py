"""What looks like a secret, and what only sounds like one."""

from __future__ import annotations

import pytest

from yardarm_reconciler.model.node import Entry, Node
from yardarm_reconciler.model.origin import NOWHERE
from yardarm_reconciler.validate.secrets import secrets, shows_secret


def found(name, value):
    """What is said of an environment variable."""
    return list(secrets(Node({name: Entry(NOWHERE, Node(value, NOWHERE))}, NOWHERE)))


@pytest.mark.parametrize(
    ("name", "value"),
    [  # put together here, so that scanners of this repository find nothing
        ("A", "ghp" + "_" + "aB3" * 12),
        ("A", "github" + "_pat_" + "aB3_" * 20),
        ("A", "glpat" + "-" + "aB3-" * 6),
        ("A", "hf" + "_" + "aBcDe" * 7),
        ("A", "AKIA" + "ABCDEFGH234567AB"),
        ("A", "xoxb" + "-1234567890-abcdef"),
        ("A", "sk" + "-proj-" + "aB3dE5" * 8),
        ("A", "sk" + "-ant-api03-" + "aB3dE5" * 8),
        ("A", "eyJ" + "hbGciOiJI.eyJ" + "zdWIiOiIx.abcdefghijk"),
        ("A", "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE"),
        ("A", "postgres://app:" + "hunter2x@db:5432/app"),
        ("DB_PASSWORD", "gR7tQz" + "91kLmW42xy"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYzzzzzzzzzz"),
        ("A", "sk" + "-" + "aB3dE5" * 8),
        ("api_key", "9f8e7d6c5b4a" + "32101234abcd"),
    ],
)
def test_secrets_are_found_and_not_repeated(name, value):
    """By the form that services give their tokens, or by name and randomness."""
    (problem,) = found(name, value)
    assert problem.code.name == "security/secret-inline"
    assert value not in repr(problem)


def test_a_variable_of_a_patch_is_called_by_the_name_beside_its_value():
    """As Kubernetes writes it; a value beside no name has none."""
    value = Entry(NOWHERE, Node("gR7tQz" + "91kLmW42xy", NOWHERE))
    for name, codes in (("DB_PASSWORD", ["security/secret-inline"]), ("RUN", [])):
        variable = {"name": Entry(NOWHERE, Node(name, NOWHERE)), "value": value}
        assert [each.code.name for each in secrets(Node((Node(variable, NOWHERE),), NOWHERE))] == codes
    assert list(secrets(Node({"value": value}, NOWHERE))) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", "EMPTY"),
        ("OPENAI_API_KEY", "sk-no-key-required"),
        ("API_KEY", "not-needed-by-this-server"),
        ("MAX_TOKENS", "4096"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("HF_TOKEN_PATH", "/var/run/secrets/hugging-face/token1"),
        ("DB_PASSWORD", "$(DB_PASSWORD_FROM_1_SECRET)"),
        ("TOKEN", "/var/run/secrets/tokens/api-token-1"),
        ("DATABASE_URL", "postgres://app:$(PASSWORD)@db:5432/app"),
        ("DATABASE_URL", "postgres://db.nlp-production:5432/app"),
        ("URL", "https://example.com:8443/a@b"),
        ("IMAGE", "registry.example.com/nlp/api:1.4@sha256:" + "0a" * 32),
        ("MODEL", "Qwen/Qwen3-32B@9216db5781bf21249d130ec9da846c4624c16137"),
        ("A", "task-force-of-sk-learn-1234567890-abcdefghij"),
        ("KEY", "metadata.labels['app.kubernetes.io/name']"),
        ("ARGS", "--served-model-name=qwen3-32b --max-model-len=32768"),
    ],
)
def test_ordinary_values_are_no_secrets(name, value):
    """A false alarm holds a workload: placeholders, references, paths and digests are fine."""
    assert found(name, value) == []


@pytest.mark.parametrize(
    "line", ['  {}: "{}" x: 1', "  {}: &a {}", "{{A: 1, {}: {}}}", "  - {}={}", "  {}: {}: x", "\t'{}': '{}'"]
)
def test_a_line_that_shows_a_secret_is_known_without_its_document(line):
    """Where the YAML around it is broken nothing else tells; a line that only refers to one is shown."""
    assert shows_secret(line.format("DB_PASSWORD", "gR7tQz" + "91kLmW42xy"))
    assert shows_secret(line.format("A", "ghp" + "_" + "aB3" * 12))
    assert not shows_secret(line.format("DB_PASSWORD", "of-the-database"))


def test_a_line_of_a_private_key_shows_a_secret():
    """Its first line says so, the others hold nothing else."""
    assert shows_secret("  -----BEGIN RSA " + "PRIVATE KEY-----")
    assert shows_secret("  " + "MIIEpAIBAAKCAQEA" * 4)
    assert not shows_secret("  image: a@sha256:" + "0a" * 32)
