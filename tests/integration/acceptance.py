"""Proves rendered manifests on a real cluster: every object is accepted, every pod is admitted and placed.

Objects are applied as a dry run with strict fields, so that a misspelt one is refused, in custom resources too.
Namespaces are stood for by new ones with the labels that were rendered for them. What decides over pods (quotas,
limit ranges, accounts, claims) is applied in earnest, and so are the pods of every template.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from tests.controlplane.client import Api, Object
from tests.controlplane.custom_resources import install_for
from tests.controlplane.discovery import Discovery, discover
from tests.controlplane.environment import Environment
from tests.controlplane.waiting import wait_until
from tests.integration.placement import place, probes
from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.manifest import Manifest

SITES_AT_ONCE = 8
PATIENCE_SECONDS = 60.0  # the first object of a custom resource has its schema compiled
NAMESPACES = "/api/v1/namespaces"
LEVEL = "pod-security.kubernetes.io"
RESTRICTED = "restricted"
DEFINITION = "CustomResourceDefinition"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
DECIDE_OVER_PODS = frozenset(
    {"ServiceAccount", "PersistentVolumeClaim", "ResourceQuota", "LimitRange", "ResourceClaimTemplate"}
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be proven.

    Attributes:
        name: how its verdict is found; several subjects may share one.
        manifests: what must be accepted, and whose pods must be placed.
        around: all that was rendered with them: their namespaces, quotas, claims.
        given: what somebody else has put there, such as an account or a definition; without a namespace.
        levels: of Pod Security, by namespace that somebody else has made, where it is not "restricted".
        declared: how the pods of kinds are found that only the environment knows.
    """

    name: str
    manifests: tuple[Manifest, ...]
    around: tuple[Manifest, ...]
    given: tuple[Object, ...] = ()
    levels: Mapping[str, str] = field(default_factory=dict)
    declared: Declared = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the cluster said, as lines with the specs' places; all empty if it takes everything.

    Attributes:
        refused: objects that the API server refuses, or accepts with a warning.
        rejected: pods that their namespace does not admit.
        pending: pods that no machine takes.
    """

    refused: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()

    def __add__(self, other: Verdict) -> Verdict:
        """Both."""
        return Verdict(
            self.refused + other.refused, self.rejected + other.rejected, self.pending + other.pending
        )


@dataclass(frozen=True, slots=True)
class Site:
    """A subject in one of its namespaces; no name stands for what lies in none."""

    subject: Subject
    namespace: str

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """What must be accepted here."""
        return tuple(each for each in self.subject.manifests if each.key.namespace == self.namespace)

    @property
    def support(self) -> tuple[Manifest, ...]:
        """What decides over pods here."""
        return tuple(
            each
            for each in self.subject.around
            if each.key.namespace == self.namespace and each.key.kind in DECIDE_OVER_PODS
        )

    @property
    def labels(self) -> Mapping[str, str]:
        """The namespace's: as rendered, else as its level is; it warns of what it does not admit, and of no more."""
        rendered = [
            each.body["metadata"].get("labels", {})
            for each in self.subject.around
            if (each.key.kind, each.key.name) == ("Namespace", self.namespace)
        ]
        level = self.subject.levels.get(self.namespace, RESTRICTED)
        labels = rendered[0] if rendered else {f"{LEVEL}/enforce": level}
        return {**labels, f"{LEVEL}/warn": labels.get(f"{LEVEL}/enforce", "privileged")}


def prove(environment: Environment, subjects: Sequence[Subject]) -> Mapping[str, Verdict]:
    """Return the verdict on each subject by its name; custom resources are installed as subjects need them."""
    sites = [
        Site(subject, namespace)
        for subject in subjects
        for namespace in sorted({each.key.namespace for each in subject.manifests})
    ]
    install_for(environment, {each.api_version for subject in subjects for each in subject.manifests})
    found = {subject.name: Verdict() for subject in subjects}
    with environment.api(timeout_seconds=PATIENCE_SECONDS) as api, ThreadPoolExecutor(SITES_AT_ONCE) as pool:
        _define(api, subjects)
        judge = partial(_judge, api, discover(api))
        verdicts = list(pool.map(judge, sites))
        for site, verdict in zip(sites, verdicts, strict=True):
            # Pods that found no room may have been in one another's way: such a site is judged again, alone.
            found[site.subject.name] += judge(site) if verdict.pending else verdict
    return found


def _define(api: Api, subjects: Iterable[Subject]) -> None:
    """Make the kinds that subjects bring the definitions of."""
    given = {each["metadata"]["name"]: each for subject in subjects for each in subject.given}
    for name, body in given.items():
        if body["kind"] == DEFINITION:
            path = f"{DEFINITIONS}/{name}"
            api.apply(path, body, force=True)
            wait_until(f"{name} established", lambda path=path: _is_established(api.get(path)))


def _is_established(definition: Object | None) -> bool:
    conditions = ((definition or {}).get("status") or {}).get("conditions") or ()
    return any((each["type"], each["status"]) == ("Established", "True") for each in conditions)


def _judge(api: Api, served: Discovery, site: Site) -> Verdict:
    namespace = f"{site.namespace[:40] or 'cluster'}-{secrets.token_hex(4)}"
    api.post(NAMESPACES, {"metadata": {"name": namespace, "labels": site.labels}})
    for body in (each for each in site.subject.given if each["kind"] != DEFINITION):
        api.apply(served.path(body, namespace), body, force=True)
    refused = tuple(
        f"{item.origin} {item.key}: {problem}"
        for item in site.manifests
        for problem in _refusals(api, served, item, namespace)
    )
    _support(api, served, site, namespace)
    wanted = [probe for item in site.manifests for probe in probes(item, site.subject.declared)]
    placement = place(api, namespace, wanted)
    return Verdict(refused, placement.rejected, placement.pending)


def _refusals(api: Api, served: Discovery, item: Manifest, namespace: str) -> Iterator[str]:
    """What the server has against an object; a warning counts, for nobody reads them later."""
    try:
        path = served.path(item.body, namespace)
    except LookupError as error:
        yield str(error)
        return
    answer = api.apply(path, _moved(item, namespace), fieldValidation="Strict", dryRun="All", force=True)
    if answer.status >= 400:
        yield answer.message
    elif "Warning" in answer.headers:
        yield answer.headers["Warning"]


def _support(api: Api, served: Discovery, site: Site, namespace: str) -> None:
    """Apply what decides over pods, and wait until it does."""
    for item in site.support:
        api.apply(served.path(item.body, namespace), _moved(item, namespace), force=True)
    path = f"{NAMESPACES}/{namespace}"
    wait_until("ServiceAccount default made", lambda: bool(api.get(f"{path}/serviceaccounts/default")))
    wait_until(
        "quotas counted",
        lambda: all(each.get("status", {}).get("hard") for each in api.list(f"{path}/resourcequotas")),
    )


def _moved(item: Manifest, namespace: str) -> Object:
    """The object, in the test namespace if it lies in one."""
    body: Object = dict(item.body)
    if item.key.namespace:
        body["metadata"] = {**body["metadata"], "namespace": namespace}
    return body
