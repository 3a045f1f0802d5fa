"""What others say is told without what may be secret in it, and otherwise as it was said."""

import pytest

from yardarm_reconciler.model.redaction import without_secrets


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("denied: password=hunter2", "denied: password=***"),
        ("denied: DB_PASSWORD = 'hunter 2', try again", "denied: DB_PASSWORD = ***, try again"),
        ('env {"name":"A","token":"hunter2"} is wrong', 'env {"name":"A","token":***} is wrong'),
        ("apiKey: hunter2; user: me", "apiKey: ***; user: me"),
        ("cannot reach postgres://me:hunter2@db/x", "cannot reach postgres://***@db/x"),
        ("fetch https://hunter2@git.example.com/a failed", "fetch https://***@git.example.com/a failed"),
        ("unauthorized: hf_abcdefgh", "unauthorized: ***"),
        ("Bearer eyJhbGciOi.J9.x-y", "Bearer ***"),
        ("said aZ3kQ9xLmN2pRtS7vW1yB4cD is wrong", "said *** is wrong"),
    ],
)
def test_what_may_be_secret_is_masked(said, told):
    """Values of telltale names, people in addresses, tokens by their shape, and long runs that nobody can read."""
    assert without_secrets(said) == told


@pytest.mark.parametrize(
    "said",
    [
        'secret "api-keys" not found',
        "couldn't find key password in Secret t1/api",
        "spec.template.spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value",
        "data.token: Invalid value: must be base64",
        "0/12 nodes are available: 1 Insufficient nvidia.com/gpu, 2 node(s) didn't match Pod's node affinity/selector",
        'Back-off pulling image "registry.example.com/nlp/api:1.4@sha256:' + "0a" * 32 + '"',
        "pod api-7d4cc5596-ld28n of 0f8fad5b-d9cb-469f-a165-70867728950e was deleted",
        "SecurityPolicy/model-behind-a-route-2: nothing enforces it yet",
        "no token bucket is free",
        "see https://example.com/docs/auth",
    ],
)
def test_everything_else_is_as_it_was_said(said):
    """Names of secrets, paths of fields, images, ids and links help people, and tell nothing."""
    assert without_secrets(said) == said
