"""What must be true of a site whatever happened on the way: nothing orphaned, nothing doubled, nothing left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import orjson

from tests.controlplane.audit import Request, Requests
from tests.controlplane.client import Object
from tests.controlplane.configuration import STAGE_LABEL
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import RECONCILER, RECORDS, Site
from tests.rendering import render
from tests.trees import MemoryTree
from yardarm_reconciler.inventory.journal import PARENT, shard_name
from yardarm_reconciler.inventory.records import PART_OF, EntryState, Inventory, RunState, part_of
from yardarm_reconciler.kube.managed import MANAGER
from yardarm_reconciler.model.manifest import Key, Manifest, labelled
from yardarm_reconciler.ports import Cluster, Written

RESOURCES = {
    ("", "Namespace"): "/api/v1/namespaces",
    ("", "ServiceAccount"): "/api/v1/serviceaccounts",
    ("", "ResourceQuota"): "/api/v1/resourcequotas",
    ("", "LimitRange"): "/api/v1/limitranges",
    ("", "ConfigMap"): "/api/v1/configmaps",
    ("", "PersistentVolumeClaim"): "/api/v1/persistentvolumeclaims",
    ("", "Service"): "/api/v1/services",
    ("apps", "Deployment"): "/apis/apps/v1/deployments",
    ("apps", "StatefulSet"): "/apis/apps/v1/statefulsets",
    ("apps", "DaemonSet"): "/apis/apps/v1/daemonsets",
    ("autoscaling", "HorizontalPodAutoscaler"): "/apis/autoscaling/v2/horizontalpodautoscalers",
    ("resource.k8s.io", "ResourceClaimTemplate"): "/apis/resource.k8s.io/v1/resourceclaimtemplates",
    ("batch", "Job"): "/apis/batch/v1/jobs",
    ("networking.k8s.io", "NetworkPolicy"): "/apis/networking.k8s.io/v1/networkpolicies",
    ("networking.k8s.io", "Ingress"): "/apis/networking.k8s.io/v1/ingresses",
    ("policy", "PodDisruptionBudget"): "/apis/policy/v1/poddisruptionbudgets",
}
"""Every kind that the reconciler has a right to write."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A site, and the audit log from ``mark`` on. ``made_anew`` are resources of which objects may be made twice."""

    site: Site
    mark: int
    made_anew: frozenset[str] = frozenset()

    def begin_pass(self) -> dict[str, str]:
        """Say, before each pass, where it begins: what follows in the audit log is of the last one."""
        self.site.api.get(self._last_pass)
        return self.records()

    def records(self) -> dict[str, str]:
        """The versions of the unit's records; they are settled without a word in the report."""
        path = f"/api/v1/namespaces/{RECORDS}/configmaps"
        found = self.site.api.list(path, labelSelector=f"yardarm.dev/unit={self.site.unit}")
        return {each["metadata"]["name"]: each["metadata"]["resourceVersion"] for each in found}

    def settled(self) -> None:
        """Wait until nothing of ours terminates any more, and what ends by itself has ended."""
        wait_until(
            f"{self.site.unit} at rest", lambda: not any(_moves(*each) for each in self.live().items())
        )

    def clean_up(self) -> None:
        """Begin the deletion of the site's namespaces."""
        for key in self.live():
            if key.kind == "Namespace":
                self.site.api.delete(f"/api/v1/namespaces/{key.name}")

    @property
    def _last_pass(self) -> str:
        return f"/api/v1/namespaces/{self.site.unit}"

    def live(self) -> dict[Key, Object]:
        """Everything in the cluster that carries the label of this unit."""
        found = {}
        for (group, kind), path in RESOURCES.items():
            for each in self.site.api.list(path, labelSelector=f"{PART_OF}={part_of(self.site.unit)}"):
                name = each["metadata"]
                found[Key(group, kind, name.get("namespace", ""), name["name"])] = each
        return found

    # What must be true ---------------------------------------------------------------------------

    def check(self) -> None:
        """Compare the cluster, the inventory and what was asked with what the last commit comes to."""
        wanted, live = self._wanted(), self.live()
        with self.site.start().binding.session(self.site.pool) as (known, journal):
            inventory = journal.read()
            past = {run.key for record in inventory.records.values() for run in record.runs if run.state.over}
            assert live.keys() - (past - wanted.keys()) == wanted.keys()
            _check_records(inventory, wanted, live)
            self._check_requests(self.site.audit.since(self.mark), live)
            for key, manifest in wanted.items():
                if key.kind != "Job":
                    _check_content(known.cluster, manifest, live[key]["metadata"]["uid"])
            # What a crash has left over of an older layout goes with the next write, whoever has something to write.
            journal.update_parent(lambda parent: replace(parent, renderer="next"))
            _check_layout(journal.read(), journal.store.read())

    def _wanted(self) -> dict[Key, Manifest]:
        """What the last commit comes to, by the stages that decide nothing."""
        made = render(MemoryTree(self.site.tree()), self.site.environment)
        assert not [each for each in made.diagnostics if each.is_error]
        ours = part_of(self.site.unit)
        return {each.key: labelled(each, PART_OF, ours) for each in made.manifests}

    def _check_requests(self, asked: Requests, live: dict[Key, Object]) -> None:
        """Every object was created once over all lives of the program, and the last of them wrote nothing."""
        ours = [each for each in asked if self._is_about_us(each)]
        marker = max(number for number, each in enumerate(ours) if each.uri == self._last_pass)
        last = Requests(tuple(ours[marker:])).by(RECONCILER).writes()
        assert [f"{each.verb} {each.uri}" for each in last] == []
        applied = [each for each in Requests(tuple(ours)).by(RECONCILER).writes() if each.verb == "patch"]
        creates = Counter(_target(each) for each in applied if each.code == 201)
        doubled = {each: count for each, count in creates.items() if count > 1}
        assert {each: count for each, count in doubled.items() if each[1] not in self.made_anew} == {}
        assert all(count == len(("made", "made anew")) for count in doubled.values())
        # Of a request that was under way when its sender died, the log may not know that it made something.
        assert len({_target(each) for each in applied}) >= len(live)

    def _is_about_us(self, request: Request) -> bool:
        names = f"{request.namespace}/{request.name}"
        return self.site.team in names or request.uri.startswith(f"/api/v1/namespaces/{RECORDS}/configmaps?")


def _target(request: Request) -> tuple[str, str, str, str]:
    return request.group, request.resource, request.namespace, request.name


def _moves(key: Key, live: Object) -> bool:
    """Whether it terminates, or is a run that will be over soon."""
    metadata, status = live["metadata"], live.get("status", {})
    ends = key.kind == "Job" and STAGE_LABEL not in metadata.get("labels", {})
    over = any(each["type"] in {"Complete", "Failed"} for each in status.get("conditions", []))
    return "deletionTimestamp" in metadata or (ends and not over)


def _check_records(inventory: Inventory, wanted: dict[Key, Manifest], live: dict[Key, Object]) -> None:
    """The inventory lists what lives, each once, under its uid, with nothing pending."""
    entries = [each for record in inventory.records.values() for each in record.entries.values()]
    runs = [run for record in inventory.records.values() for run in record.runs]
    begun = {RunState.STARTED, RunState.SUCCEEDED}
    asked = [run for run in runs if run.state in begun and run.key in wanted]
    # Lost: the deletion that cancels a run was the last that the program did before it died.
    assert {run.state for run in runs if run not in asked} <= {RunState.CANCELLED, RunState.LOST}
    uids = {key: each["metadata"]["uid"] for key, each in live.items()}
    listed = {each.key: each.uid for each in entries} | {run.key: run.uid for run in asked}
    assert listed == {key: uid for key, uid in uids.items() if key in wanted}
    assert len(entries) + len(asked) == len(wanted)
    assert {each.state for each in entries} == {EntryState.OWNED}
    assert {each.key: each.desired for each in entries} == {
        key: each.digest for key, each in wanted.items() if key.kind != "Job"
    }
    assert all(record.last_good for record in inventory.records.values())
    assert {key for key in wanted if not _is_applied_by_us(live[key])} == set()


def _check_layout(inventory: Inventory, stored: Iterable[str]) -> None:
    """Beside the parent there are the shards that it names, and no others."""
    parent = inventory.parent
    assert parent is not None
    assert sorted(stored) == sorted(
        [PARENT, *(shard_name(parent.layout, number) for number in range(parent.shards))]
    )


def _check_content(cluster: Cluster, wanted: Manifest, uid: str) -> None:
    """To apply an object once more would change nothing in it."""
    seen, answer = cluster.get(wanted.key), cluster.update(wanted, uid, dry_run=True)
    assert seen is not None
    assert isinstance(answer, Written), answer
    assert orjson.loads(answer.seen.body) == orjson.loads(seen.body)


def _is_applied_by_us(live: Object) -> bool:
    entries = live["metadata"]["managedFields"]
    return any(
        (each["manager"], each["operation"]) == (MANAGER, "Apply") and "subresource" not in each
        for each in entries
    )
