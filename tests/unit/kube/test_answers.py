"""What an API server's refusals mean, and that they are safe to show."""

import pytest

from yardarm_reconciler.kube.answers import refusal
from yardarm_reconciler.kube.transport import Answer
from yardarm_reconciler.model.manifest import Key

DEPLOYMENT = Key("apps", "Deployment", "team-a", "d")
SECRET = Key("", "Secret", "team-a", "s")
TYPED = "failed to create typed patch object (team-a/d; apps/v1, Kind=Deployment): "


def status(code, message="", causes=(), kind="deployments", name="d"):
    """A Status as the server sends it."""
    details = {"kind": kind, "name": name, "causes": list(causes)}
    return Answer(code, {"kind": "Status", "message": message, "details": details})


def cause(field, message, reason="FieldValueInvalid"):
    """One cause of a 422."""
    return {"field": field, "message": message, "reason": reason}


@pytest.mark.parametrize(
    ("answer", "reason", "retryable"),
    [
        (status(404, kind="namespaces", name="team-a"), "NamespaceMissing", True),
        (Answer(404, {}), "KindMissing", True),
        (status(403, causes=[{"reason": "NamespaceTerminating"}]), "NamespaceTerminating", True),
        (
            status(403, 'pods "x" is forbidden: exceeded quota: q, requested: a=1, used: a=1'),
            "QuotaExceeded",
            True,
        ),
        (
            status(403, 'd is forbidden: User "u" cannot patch resource "deployments" in API group "apps"'),
            "Forbidden",
            False,
        ),
        (status(409, kind="resourcequotas", name="q"), "Conflict", True),
        (status(413), "Invalid", False),
        (status(418), "Invalid", False),
        (status(422), "Invalid", False),
        (status(500, TYPED + ".spec.replicsa: field not declared in schema"), "UnknownField", False),
        (
            status(500, TYPED + ".spec.replicas: expected numeric (int or float), got string"),
            "Invalid",
            False,
        ),
        (status(500, "failed to convert new object (x) to proper version"), "Invalid", False),
        (status(500, "request to convert CR to an invalid group/version"), "StaleFields", False),
        (status(400, 'strict decoding error: unknown field "spec.foo"'), "UnknownField", False),
    ],
)
def test_each_refusal_has_its_word(answer, reason, retryable):
    """The word decides what happens next, and whether time may help."""
    refused = refusal(answer, DEPLOYMENT)
    assert (refused.reason, refused.retryable) == (reason, retryable)
    assert refused.message


def test_unknown_fields_are_named_by_their_paths():
    """Every field is told, with its path as a person writes it."""
    text = (
        TYPED + "errors:\n  .spec.replicsa: field not declared in schema\n"
        '  .spec.template.spec.containers[name="main"].imag: field not declared in schema'
    )
    fields = ("spec.replicsa", 'spec.template.spec.containers[name="main"].imag')
    assert refusal(status(500, text), DEPLOYMENT).fields == fields


def test_invalid_fields_are_named_with_what_is_wrong():
    """Field and rule are told; the value is the user's own and stays out."""
    refused = refusal(
        status(422, "raw", [cause("spec.replicas", "Invalid value: -1: must be greater than or equal to 0")]),
        DEPLOYMENT,
    )
    assert refused.fields == ("spec.replicas",)
    assert refused.message == "spec.replicas: must be greater than or equal to 0"


@pytest.mark.parametrize(
    "message",
    [
        'Invalid value: "hunter2": must be something',
        'Invalid value: {"env":[{"value":"hunter2: it"}]}: field is immutable',
        'Invalid value: core.PodTemplateSpec{Value:"hunter2: x"}: no such thing: hunter2',
        'Invalid value: "a\\": hunter2: ": must be something',
        'Unsupported value: "hunter2": supported values: "a", "b"',
        "Forbidden: pod updates may not change fields other than these\n  core.PodSpec{Env: hunter2}",
        "hunter2",
        'Invalid value: "hunter2',
    ],
)
def test_values_are_never_told(message):
    """Whatever a server prints as the value stays out of our message."""
    assert "hunter2" not in refusal(status(422, message, [cause("spec.x", message)]), DEPLOYMENT).message


@pytest.mark.parametrize("code", [400, 403, 409, 422, 500])
def test_of_a_secret_nothing_is_repeated(code):
    """Not even words of a policy: they may have been made of its values."""
    text = "admission webhook \"x\" denied: Required value: hunter2; ValidatingAdmissionPolicy 'p': hunter2"
    refused = refusal(status(code, text, [cause("data.x", f"Required value: {text}")]), SECRET)
    assert "hunter2" not in refused.message


def test_a_policy_says_why_in_its_own_words():
    """An admission policy's message is written for people; the rest of the answer is not."""
    text = "d is forbidden: ValidatingAdmissionPolicy 'gpus' with binding 'b' denied request: at most 8"
    assert refusal(status(422, text), DEPLOYMENT).message.endswith("denied request: at most 8")


def test_a_message_is_one_short_line():
    """A template or a terminal's control characters in a policy's words do no harm."""
    text = 'admission webhook "x" denied the request: \x1b[31m' + "long\n" * 500
    message = refusal(status(403, text), DEPLOYMENT).message
    assert len(message) <= 200
    assert message.isprintable()


def test_many_causes_are_counted():
    """Three are told, and how many more there are; all fields are named."""
    found = [cause(f"spec.{n}", "Required value: say it", "FieldValueRequired") for n in range(5)]
    refused = refusal(status(422, "raw", found), DEPLOYMENT)
    assert refused.message.endswith("(and 2 more)")
    assert len(refused.fields) == 5
