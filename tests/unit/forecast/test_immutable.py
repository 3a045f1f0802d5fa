"""What a server never takes: replaced, or held where it keeps data."""

import pytest

from yardarm_reconciler.model.change import Action, Change, FieldChange
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.plan.immutable import replaced


@pytest.mark.parametrize(
    ("kind", "field", "action"),
    [
        ("Deployment", "spec.selector.matchLabels.app", Action.REPLACED),
        ("Deployment", "spec.replicas", Action.CONFIGURED),
        ("Job", "spec.template.spec.containers[main].image", Action.REPLACED),
        ("Job", "spec.parallelism", Action.CONFIGURED),
        ("StatefulSet", "spec.volumeClaimTemplates[data].spec.storageClassName", Action.REPLACED),
        ("StatefulSet", "spec.serviceName", Action.REPLACED),
        ("StatefulSet", "spec.template.spec.containers[main].image", Action.CONFIGURED),
        ("StatefulSet", "metadata.labels.app", Action.CONFIGURED),
        ("PersistentVolumeClaim", "spec.storageClassName", Action.HELD),
        ("PersistentVolumeClaim", "spec.accessModes[0]", Action.HELD),
        ("PersistentVolumeClaim", "spec.resources.requests.storage", Action.CONFIGURED),
        ("RoleBinding", "roleRef.name", Action.REPLACED),
        ("ConfigMap", "data.key", Action.CONFIGURED),
        ("Widget", "spec.selector", Action.CONFIGURED),
    ],
)
def test_a_field_that_cannot_change_replaces_its_object(kind, field, action):
    """By kind and field; a claim is never replaced."""
    change = Change(Key("", kind, "dev", "x"), Action.CONFIGURED, fields=(FieldChange(field, "1", "2"),))

    told = replaced(change)

    assert (told.action, bool(told.reason)) == (action, action is not Action.CONFIGURED)


def test_only_what_is_configured_can_be_replaced():
    """A new object with such a field is new."""
    created = Change(
        Key("", "Job", "dev", "x"), Action.CREATED, fields=(FieldChange("spec.template", "", "2"),)
    )

    assert replaced(created) is created
