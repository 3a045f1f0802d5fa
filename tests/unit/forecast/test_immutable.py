"""What a server never takes, by kind and field."""

import pytest

from yardarm_reconciler.model.change import Action, Change, FieldChange
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.plan.immutable import fixed


@pytest.mark.parametrize(
    ("kind", "field", "is_fixed"),
    [
        ("Deployment", "spec.selector.matchLabels.app", True),
        ("Deployment", "spec.replicas", False),
        ("Job", "spec.template.spec.containers[main].image", True),
        ("Job", "spec.parallelism", False),
        ("StatefulSet", "spec.volumeClaimTemplates[data].spec.storageClassName", True),
        ("StatefulSet", "spec.serviceName", True),
        ("StatefulSet", "spec.template.spec.containers[main].image", False),
        ("StatefulSet", "metadata.labels.app", False),
        ("PersistentVolumeClaim", "spec.storageClassName", True),
        ("PersistentVolumeClaim", "spec.accessModes[0]", True),
        ("PersistentVolumeClaim", "spec.resources.requests.storage", False),
        ("RoleBinding", "roleRef.name", True),
        ("ConfigMap", "data.key", False),
        ("Widget", "spec.selector", False),
    ],
)
def test_a_field_that_cannot_change_is_known(kind, field, is_fixed):
    """Of all fields that differ the first such is named."""
    fields = (FieldChange("metadata.labels.x", "1", "2"), FieldChange(field, "1", "2"))
    change = Change(Key("", kind, "dev", "x"), Action.CONFIGURED, fields=fields)

    assert fixed(change) == (field if is_fixed else "")


def test_only_what_is_configured_can_be_in_the_way_of_itself():
    """A new object with such a field is new."""
    fields = (FieldChange("spec.template", "", "2"),)

    assert fixed(Change(Key("", "Job", "dev", "x"), Action.CREATED, fields=fields)) == ""
