"""Definitions of kinds: they work when the API server serves what they define."""

from __future__ import annotations

from yardarm_reconciler.health.subject import Subject, says
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import DEFINITION


def definition(subject: Subject) -> Health:
    """Served under the names that it asks for.

    https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
    """
    accepted, established = subject.condition("NamesAccepted"), subject.condition("Established")
    if accepted.get("status") == "False":
        return Health(State.DEGRADED, says(accepted))
    if established.get("status") == "True":
        return Health(State.HEALTHY)
    return Health(State.PROGRESSING, says(established) if established else "not served yet")


RULES = {DEFINITION: definition}
