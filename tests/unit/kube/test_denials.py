"""Which field a denial is about: only where its words leave no doubt."""

import pytest

from yardarm_reconciler.kube.answers import refusal
from yardarm_reconciler.kube.denials import subject
from yardarm_reconciler.kube.transport import Answer
from yardarm_reconciler.model.manifest import Key

POLICY = "d is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "
WEBHOOK = 'admission webhook "validate.kyverno.svc-fail" denied the request: '


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (f"{POLICY}failed expression: object.spec.replicas <= 3", "spec.replicas"),
        (f"{POLICY}failed expression: !has(object.spec.hostNetwork) || !object.spec.hostNetwork", "spec.hostNetwork"),
        (f"{POLICY}failed expression: object.spec.template.spec.containers.all(c, c.name != '')", "spec.template.spec.containers"),
        (f"{POLICY}failed expression: object.spec.replicas <= object.spec.most", ""),
        (f"{POLICY}failed expression: object.spec.replicas <= 3 || object.metadata.labels.tier == 'gold'", ""),
        (f"{POLICY}spec.replicas must not be more than 3", "spec.replicas"),
        (f"{WEBHOOK}spec.template.spec.containers[0].image: Invalid", "spec.template.spec.containers[0].image"),
        (f"{POLICY}too many replicas, unless metadata.labels.tier is gold", ""),
        (f"{POLICY}no more than three replicas here", ""),
        (f"{WEBHOOK}resource Deployment/x was blocked\n\nlimits:\n  check: rule check failed at path /spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu/", "spec.template.spec.containers[0].resources.limits.nvidia.com/gpu"),
        ("spec.replicas: Invalid value", ""),
    ],
)  # fmt: skip
def test_a_denial_is_about_one_field_or_none(message, field):
    """An expression of one field, a rule's path, a sentence that begins with it; never one that is only mentioned."""
    assert subject(message) == field


@pytest.mark.parametrize("code", [403, 422])
def test_a_webhook_may_blame_fields_itself(code):
    """Then those count; of words alone the field that they are about."""
    key = Key("apps", "Deployment", "team-a", "d")
    details = {"causes": [{"field": "spec.replicas", "message": "too many"}]}
    told = refusal(Answer(code, {"message": f"{WEBHOOK}no", "details": details}), key)
    said = refusal(Answer(code, {"message": f"{WEBHOOK}spec.replicas is too high"}), key)

    assert (told.fields, said.fields, said.about) == (("spec.replicas",), (), "spec.replicas")
