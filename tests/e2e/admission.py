"""A policy of the cluster's own that denies what a team's workloads ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site

ADMISSION = "/apis/admissionregistration.k8s.io/v1"
KINDS = ("validatingadmissionpolicies", "validatingadmissionpolicybindings")
MOST_REPLICAS = 3


@contextmanager
def few_replicas(site: Site, message: str, of: str) -> Iterator[None]:
    """Deny Deployments of more than three replicas in the team's namespace, in some words.

    Args:
        site: whose namespace.
        message: what is said then; where it is empty the server says which expression failed.
        of: a Deployment that is there, to find out that the policy is in force.
    """
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"]}
    words = {"message": message} if message else {}
    policy = {
        "matchConstraints": {"resourceRules": [rule | {"operations": ["CREATE", "UPDATE"]}]},
        "validations": [{"expression": f"object.spec.replicas <= {MOST_REPLICAS}"} | words],
    }
    here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": site.namespace}}}
    bound = {"policyName": site.team, "validationActions": ["Deny"], "matchResources": here}
    for kind, spec in zip(KINDS, (policy, bound), strict=True):
        site.api.post(f"{ADMISSION}/{kind}", {"metadata": {"name": site.team}, "spec": spec})
    try:
        wait_until("the policy in force", lambda: _denies(site, of))
        yield
    finally:
        for kind in reversed(KINDS):
            site.api.delete(f"{ADMISSION}/{kind}/{site.team}")


def _denies(site: Site, name: str) -> bool:
    """Whether a dry-run of more replicas is denied by now."""
    answer = site.api.request(
        "PATCH",
        site.path("apps/deployments", name),
        {"spec": {"replicas": MOST_REPLICAS + 1}},
        query={"dryRun": "All"},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    return answer.status >= 400
