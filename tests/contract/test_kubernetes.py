"""What only an API server can show: server-side apply, admission, and a network that loses answers."""

import secrets

import orjson
import pytest

from tests.contract.kubernetes import ImpatientClock, config_maps, transport
from tests.controlplane.faults import Call, Match, Refuse, ResetAfter, ResetBefore, Truncate
from tests.controlplane.waiting import wait_until
from yardarm_reconciler.kube import listing
from yardarm_reconciler.kube.cluster import KubernetesCluster
from yardarm_reconciler.kube.store import KubernetesStore
from yardarm_reconciler.model.manifest import GroupKind, Key, labelled, manifest
from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.ports import (
    Exists,
    Gone,
    OtherIncarnation,
    Selection,
    StoreConflictError,
    Written,
)

CONFIG_MAP = GroupKind("", "ConfigMap")
EXPIRED = "expired"
APPLIES = Match(method="PATCH")
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}


def set_a(namespace):
    """What the tests' ConfigMaps are listed by."""
    return Selection(CONFIG_MAP, (("set", "a"),), namespace)


@pytest.fixture
def clock():
    """No test waits for a retry."""
    return ImpatientClock()


@pytest.fixture
def wire(proxy, dev, tmp_path, clock):
    """A transport whose network the test may break."""
    config = proxy.write_kubeconfig(tmp_path / "kubeconfig", token=dev.admin_token)
    with transport(config, clock) as made:
        yield made


@pytest.fixture
def cluster(wire):
    """A cluster behind that network, with discovery done."""
    made = KubernetesCluster(wire)
    made.served([CONFIG_MAP])
    return made


@pytest.fixture
def store(wire, namespace):
    """A store behind that network."""
    return KubernetesStore(wire, f"u-{secrets.token_hex(4)}", namespace)


@pytest.fixture
def config_map(kubernetes_site):
    """Makes a ConfigMap in the test's namespace."""
    return kubernetes_site.config_map


def deployment(namespace, **spec):
    """A small Deployment without pods."""
    template = {
        "metadata": {"labels": {"app": "d"}},
        "spec": {"containers": [{"name": "main", "image": "r/x:1"}]},
    }
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "d"}}, "template": template} | spec
    return manifest(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "d", "namespace": namespace},
            "spec": spec,
        }
    )


def job(namespace, image="r/x:1", container="main", **spec):
    """A small Job."""
    pod = {"restartPolicy": "Never", "containers": [{"name": container, "image": image}]}
    spec = {"template": {"spec": pod}} | spec
    return manifest(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "j", "namespace": namespace},
            "spec": spec,
        }
    )


# Lost answers -------------------------------------------------------------------------------------


def test_a_create_whose_answer_was_lost_answers_exists(cluster, proxy, config_map):
    """It was carried out: the repeated one finds our own object, which the caller recognises."""
    proxy.faults.add(Match(method="PATCH", nth=1), ResetAfter())
    assert cluster.create(config_map()) == Exists()
    assert cluster.get(config_map().key).ours


def test_a_create_that_never_arrived_is_sent_again(cluster, proxy, config_map):
    """A connection that dies first costs one more request."""
    proxy.faults.add(Match(method="PATCH", nth=1), ResetBefore())
    assert isinstance(cluster.create(config_map()), Written)


def test_an_update_whose_answer_was_lost_is_repeated_without_effect(cluster, proxy, config_map):
    """The second apply is the same as the first."""
    first = cluster.create(config_map(a="1")).seen
    proxy.faults.add(Match(method="PATCH", nth=1), ResetAfter())
    second = cluster.update(config_map(a="2"), first.uid)
    assert second == Written(cluster.get(first.key))
    assert b'"a":"2"' in second.seen.body


def test_a_deletion_whose_answer_was_lost_answers_gone(cluster, proxy, config_map):
    """It was carried out."""
    first = cluster.create(config_map()).seen
    proxy.faults.add(Match(method="DELETE", nth=1), ResetAfter())
    assert cluster.delete(first.key, first.uid) == Gone()


def test_a_record_whose_answer_was_lost_is_written_once(store, proxy):
    """Making it and replacing it: each finds its own write and gives its version."""
    proxy.faults.add(Match(method="POST", nth=1), ResetAfter())
    proxy.faults.add(Match(method="PUT", nth=1), ResetAfter())
    first = store.write("parent", b"1", None)
    second = store.write("parent", b"2", first)
    assert {name: (each.data, each.version) for name, each in store.read().items()} == {
        "parent": (b"2", second)
    }


def test_the_same_bytes_of_somebody_else_are_a_conflict(store, proxy, api):
    """Two processes that write alike did not both win."""
    version = store.write("parent", b"1", None)
    path = store._path("parent")

    def somebody_writes():
        there = api.get(path)
        there["metadata"]["annotations"]["yardarm.dev/write"] = "somebody"
        api.request("PUT", path, {**there, "data": {"record": "2"}})

    proxy.faults.add(Match(method="PUT", nth=1), Call("before", somebody_writes))
    proxy.faults.add(Match(method="PUT", nth=1), ResetBefore())
    with pytest.raises(StoreConflictError):
        store.write("parent", b"2", version)


# Servers that do not answer -----------------------------------------------------------------------


def test_a_busy_server_is_asked_again_when_it_said(cluster, proxy, config_map, clock):
    """429 with Retry-After: nothing was done, and we wait as long as asked."""
    proxy.faults.add(Match(method="PATCH", nth=1), Refuse(429, retry_after_seconds=2))
    assert isinstance(cluster.create(config_map()), Written)
    assert len(clock.slept) == 1
    assert clock.slept[0] >= 2


@pytest.mark.parametrize("code", [500, 503, 504])
def test_a_failing_server_is_asked_again(cluster, proxy, config_map, code):
    """Server errors pass."""
    proxy.faults.add(Match(method="PATCH", nth=1), Refuse(code))
    assert isinstance(cluster.create(config_map()), Written)


def test_a_server_that_stays_away_is_transient(cluster, proxy, config_map, clock):
    """Asking ends at the deadline, and nothing was written."""
    proxy.faults.add(APPLIES, Refuse(503))
    with pytest.raises(TransientError, match="answered 503"):
        cluster.create(config_map())
    assert sum(clock.slept) <= 30
    proxy.faults.clear()
    assert cluster.get(config_map().key) is None


def test_a_list_that_is_cut_off_is_read_again(cluster, proxy, config_map):
    """Half an answer is none."""
    seen = cluster.create(config_map()).seen
    proxy.faults.add(Match(method="GET", nth=1), Truncate(40))
    assert cluster.list(set_a(seen.key.namespace)).seen == (seen,)


def test_a_list_that_cannot_be_read_is_never_empty(cluster, proxy, namespace):
    """It could look like a deletion."""
    proxy.faults.add(Match(method="GET"), Truncate(40))
    with pytest.raises(TransientError):
        cluster.list(Selection(CONFIG_MAP, (), namespace))


def test_a_list_is_complete_over_many_pages(cluster, config_map, namespace, monkeypatch, proxy):
    """Every page is asked for, and an object is listed once."""
    monkeypatch.setattr(listing, "PAGE", "2")
    for number in range(5):
        cluster.create(config_map(f"n{number}"))
    listed = [each.key.name for each in cluster.list(set_a(namespace)).seen]
    assert listed == ["n0", "n1", "n2", "n3", "n4"]
    assert proxy.faults.count(Match(method="GET", query=".*labelSelector.*")) == 3


def test_a_list_that_lost_its_place_starts_again(cluster, config_map, namespace, monkeypatch, proxy):
    """410 in the middle: what comes afterwards is complete."""
    monkeypatch.setattr(listing, "PAGE", "2")
    for number in range(3):
        cluster.create(config_map(f"n{number}"))
    proxy.faults.add(Match(method="GET", query=".*continue.*", nth=1), Refuse(410))
    listed = [each.key.name for each in cluster.list(set_a(namespace)).seen]
    assert listed == ["n0", "n1", "n2"]


def test_discovery_that_is_incomplete_is_no_absence(cluster, api):
    """An aggregated API whose server is away: its kinds are unknown, all others are served as ever."""
    group = f"g{secrets.token_hex(3)}.example.com"
    path = "/apis/apiregistration.k8s.io/v1/apiservices"
    spec = {"group": group, "version": "v1", "groupPriorityMinimum": 1000, "versionPriority": 10}
    spec |= {"service": {"namespace": "default", "name": "nobody"}, "insecureSkipTLSVerify": True}
    body = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"v1.{group}"},
    }
    api.post(path, body | {"spec": spec})
    try:
        wait_until("the group is known to be away", lambda: is_unknown(cluster, GroupKind(group, "Thing")))
        assert cluster.served([CONFIG_MAP]) == {CONFIG_MAP}
    finally:
        api.delete(f"{path}/v1.{group}")


def is_unknown(cluster, kind):
    """Whether discovery says that it does not know."""
    try:
        cluster.served([kind])
    except TransientError:
        return True
    return False


# Credentials --------------------------------------------------------------------------------------


def test_a_rotated_token_is_read_from_the_file_again(dev, tmp_path, proxy, clock):
    """A token that ran out costs nothing as long as the file has a new one."""
    config = proxy.write_kubeconfig(tmp_path / "kubeconfig", token=EXPIRED)
    with transport(config, clock) as made:
        proxy.write_kubeconfig(config, token=dev.admin_token)
        assert KubernetesCluster(made).identity()


def test_credentials_that_are_not_taken_are_transient(tmp_path, proxy, clock):
    """They may be rotated any time; nothing is read as absent meanwhile."""
    config = proxy.write_kubeconfig(tmp_path / "kubeconfig", token=EXPIRED)
    with transport(config, clock) as made, pytest.raises(TransientError, match="credentials"):
        KubernetesCluster(made).identity()


def test_a_kubeconfig_that_is_not_there_is_the_users_error(tmp_path, clock):
    """It names the file."""
    with pytest.raises(UserError, match="nothing-here"), transport(tmp_path / "nothing-here", clock):
        pass


def test_what_may_not_be_read_is_never_absent(dev, tmp_path, proxy, clock, config_map):
    """403 on a read raises; on a write it says which right is missing."""
    config = proxy.write_kubeconfig(tmp_path / "kubeconfig", token=dev.stranger_token)
    with transport(config, clock) as made:
        powerless = KubernetesCluster(made)
        with pytest.raises(TransientError, match="403"):
            powerless.get(config_map().key)
        with pytest.raises(TransientError, match="403"):
            powerless.list(Selection(CONFIG_MAP))
        refused = powerless.create(config_map())
    assert refused.reason == "Forbidden"
    assert refused.message.startswith('we cannot patch resource "configmaps"')


# Refusals -----------------------------------------------------------------------------------------


def test_an_unknown_field_is_told_by_its_path_and_asked_once(cluster, proxy, namespace):
    """The server calls it 500; it is the spec's fault and stays so."""
    refused = cluster.create(deployment(namespace, replicsa=2))
    assert (refused.reason, refused.fields, refused.retryable) == ("UnknownField", ("spec.replicsa",), False)
    assert proxy.faults.count(APPLIES) == 1


def test_a_value_of_the_wrong_type_is_asked_once(cluster, proxy, namespace):
    """Both forms of this 500: of the schema, and of the conversion."""
    assert cluster.create(deployment(namespace, replicas="two")).fields == ("spec.replicas",)
    bad = {"name": "main", "image": "x", "resources": {"limits": {"cpu": "much"}}}
    template = {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [bad]}}
    assert cluster.create(deployment(namespace, template=template)).reason == "Invalid"
    assert proxy.faults.count(APPLIES) == 2


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_change_that_is_not_allowed_is_immutable(cluster, namespace, dry_run):
    """A Job's template: the new one is good in itself, so only the change is refused."""
    first = cluster.create(job(namespace)).seen
    refused = cluster.update(job(namespace, image="r/secret-x:2"), first.uid, dry_run=dry_run)
    assert (refused.reason, refused.fields) == ("Immutable", ("spec.template",))
    assert refused.message == "spec.template: field is immutable"


def test_a_bad_manifest_is_invalid_not_immutable(cluster, namespace):
    """It could not be made anew either, so replacing it would be an outage."""
    first = cluster.create(job(namespace)).seen
    refused = cluster.update(job(namespace, container="A_B"), first.uid)
    assert refused.reason == "Invalid"
    assert cluster.create(deployment(namespace, replicas=-1)).fields == ("spec.replicas",)


def test_a_full_quota_is_told_with_its_numbers(cluster, api, namespace, config_map):
    """It may pass when others leave."""
    hard = {"count/configmaps": "0"}
    path = f"/api/v1/namespaces/{namespace}/resourcequotas"
    api.post(
        path, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": hard}}
    )
    wait_until("the quota counts", lambda: "used" in api.get(f"{path}/q").get("status", {}))
    refused = cluster.create(config_map())
    assert (refused.reason, refused.retryable) == ("QuotaExceeded", True)
    assert "requested: count/configmaps=1" in refused.message


def test_a_namespace_that_is_being_deleted_is_told(cluster, api, namespace, config_map):
    """It is not a missing right, and passes."""
    path = f"/api/v1/namespaces/{namespace}"
    finalizer = {"metadata": {"finalizers": ["yardarm.dev/test"]}}
    held = config_map("held").body
    api.post(config_maps(namespace), {**held, "metadata": {**held["metadata"], **finalizer["metadata"]}})
    api.delete(path)
    refused = cluster.create(config_map())
    api.patch(config_maps(namespace, "held"), {"metadata": {"finalizers": None}})
    assert (refused.reason, refused.retryable) == ("NamespaceTerminating", True)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_namespace_that_does_not_exist_is_told(cluster, dry_run):
    """A dry-run before the namespace is made says that, not that something is wrong."""
    nowhere = deployment("there-is-no-such-namespace")
    assert cluster.create(nowhere, dry_run=dry_run).reason == "NamespaceMissing"
    assert cluster.update(nowhere, "3d1b1f4e-0000-4000-8000-000000000000") == Gone()


def test_a_kind_or_version_that_is_not_served_is_told(cluster, namespace):
    """Writes say so; a read of it is never an absence."""
    metadata = {"name": "x", "namespace": namespace}
    for version, kind in (("nobody.example.com/v1", "Thing"), ("apps/v1beta1", "Deployment")):
        refused = cluster.create(manifest({"apiVersion": version, "kind": kind, "metadata": metadata}))
        assert (refused.reason, refused.retryable) == ("KindMissing", True)
    with pytest.raises(TransientError):
        cluster.get(Key("nobody.example.com", "Thing", namespace, "x"))
    with pytest.raises(TransientError):
        cluster.list(Selection(GroupKind("nobody.example.com", "Thing")))
    assert cluster.served([GroupKind("nobody.example.com", "Thing"), CONFIG_MAP]) == {CONFIG_MAP}


# Managed fields and deletion ----------------------------------------------------------------------


def test_what_others_write_into_an_object_of_ours_is_no_drift(cluster, api, namespace):
    """A controller's status and a person's sidecar change the version, not the projection."""
    first = cluster.create(deployment(namespace)).seen
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/d"
    wait_until(
        "the controller wrote a status", lambda: api.get(path)["status"].get("observedGeneration") == 1
    )
    sidecar = {"spec": {"template": {"spec": {"containers": [{"name": "sidecar", "image": "r/y:1"}]}}}}
    api.request("PATCH", path, sidecar, headers=STRATEGIC)
    now = cluster.get(first.key)
    assert now.resource_version != first.resource_version
    assert now.projection == first.projection


def test_an_update_takes_back_what_another_manager_took(cluster, api, namespace):
    """A changed image is ours again, at the value that we want."""
    first = cluster.create(deployment(namespace)).seen
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/d"
    other = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "r/other:1"}]}}}}
    api.request("PATCH", path, other, headers=STRATEGIC)
    assert cluster.get(first.key).projection != first.projection
    assert cluster.update(deployment(namespace), first.uid).seen.projection == first.projection


@pytest.mark.parametrize(
    "body",
    [
        {"apiVersion": "v1", "kind": "Namespace"},
        {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80, "protocol": "TCP"}]}},
        {"apiVersion": "v1", "kind": "ServiceAccount"},
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {"podSelector": {}}},
        {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": {"minAvailable": 1}},
        {"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"pods": "1"}}},
    ],
    ids=lambda body: body["kind"],
)  # fmt: skip
def test_identity_preconditions_hold_for_every_kind_that_we_write(cluster, namespace, body):
    """Create only where there is nothing; update and delete only the incarnation that is meant."""
    name = f"{namespace}-x"
    metadata = {"name": name} | ({} if body["kind"] == "Namespace" else {"namespace": namespace})
    made = manifest(body | {"metadata": metadata})
    somebody = "3d1b1f4e-0000-4000-8000-000000000000"
    assert cluster.update(made, somebody) == Gone()
    first = cluster.create(made).seen
    assert cluster.create(made) == Exists()
    assert cluster.update(made, somebody) == OtherIncarnation()
    assert cluster.delete(made.key, somebody) == OtherIncarnation()
    assert cluster.update(made, first.uid).seen.uid == first.uid
    assert cluster.delete(made.key, first.uid).seen.deleting


def server(namespace, **spec):
    """A Deployment, with replicas or without."""
    pod = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    name = {"name": "api", "namespace": namespace}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": name}
    return manifest({**body, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": pod, **spec}})


def replicas(api, namespace):
    """How many replicas it has, and which managers say so."""
    live = api.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/api")
    holders = [
        each["manager"]
        for each in live["metadata"]["managedFields"]
        if "f:replicas" in each["fieldsV1"].get("f:spec", {})
    ]
    return live["spec"]["replicas"], holders


def test_replicas_that_are_left_to_a_scaler_stay_as_they_are(cluster, api, namespace):
    """Left out by us and held by nobody, the server would reset them to one; a dry-run says that they stay."""
    first = cluster.create(server(namespace, replicas=3)).seen
    tried = cluster.update(server(namespace), first.uid, dry_run=True)
    assert orjson.loads(tried.seen.body)["spec"]["replicas"] == 3
    assert replicas(api, namespace) == (3, ["yardarm"])

    written = cluster.update(server(namespace), first.uid).seen
    assert replicas(api, namespace) == (3, ["yardarm-handover"])
    assert written.projection == tried.seen.projection
    assert written.writer != "yardarm-handover"

    scale = f"/apis/apps/v1/namespaces/{namespace}/deployments/api/scale"
    api.patch(scale, {"spec": {"replicas": 5}})
    assert cluster.update(server(namespace), first.uid).seen.projection == written.projection
    assert replicas(api, namespace)[0] == 5


def test_replicas_are_taken_back_from_a_scaler(cluster, api, namespace):
    """A number in the spec is ours again, whoever held it."""
    first = cluster.create(server(namespace, replicas=3)).seen
    cluster.update(server(namespace), first.uid)
    cluster.update(server(namespace, replicas=2), first.uid)
    assert replicas(api, namespace) == (2, ["yardarm"])


def test_a_hand_over_never_revives_or_takes_what_is_another(cluster, namespace):
    """Its first write names the uid, too."""
    first = cluster.create(server(namespace, replicas=3)).seen
    somebody = "3d1b1f4e-0000-4000-8000-000000000000"
    assert cluster.update(server(namespace), somebody) == OtherIncarnation()
    cluster.delete(server(namespace).key, first.uid)
    wait_until("gone", lambda: cluster.get(first.key) is None)
    assert cluster.update(server(namespace), first.uid) == Gone()


def versioned(group, *versions):
    """A definition of the kind Thing that is served in some versions, the last of which is stored."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": "Thing", "plural": "things"},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": version == versions[-1],
                    "schema": {"openAPIV3Schema": schema},
                }
                for version in versions
            ],
        },
    }


def test_fields_of_a_version_that_is_gone_are_renewed_once(wire, api, namespace):
    """Until then the object can be applied by nobody; afterwards by us, with nothing of it lost."""
    group = f"g{secrets.token_hex(3)}.example.com"
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    kind, name = GroupKind(group, "Thing"), {"name": "one", "namespace": namespace}
    api.post(path, versioned(group, "v1alpha1", "v1"))
    try:
        wait_until("served", lambda: KubernetesCluster(wire).served([kind]) == {kind})
        head = {"kind": "Thing", "metadata": name}
        old = manifest({"apiVersion": f"{group}/v1alpha1", **head, "spec": {"a": 1, "b": 1}})
        new = manifest({"apiVersion": f"{group}/v1", **head, "spec": {"a": 2}})
        uid = KubernetesCluster(wire).create(old).seen.uid
        api.patch(
            f"{path}/things.{group}", {"spec": {"versions": versioned(group, "v1")["spec"]["versions"]}}
        )

        def answer():
            cluster = KubernetesCluster(wire)
            cluster.served([kind])
            return cluster.update(new, uid, dry_run=True)

        wait_until("gone", lambda: getattr(answer(), "reason", "") == "StaleFields")
        cluster = KubernetesCluster(wire)
        assert cluster.take_over(new.key, uid).seen.ours
        written = cluster.update(new, uid)
        assert orjson.loads(written.seen.body)["spec"] == {"a": 2}
    finally:
        api.delete(f"{path}/things.{group}")


def test_one_label_is_set_and_nothing_else(cluster, api, namespace):
    """Replicas that wait for their scaler stay, and so does what we applied; the next update has the label again."""
    first = cluster.create(server(namespace, replicas=3)).seen
    written = cluster.update(server(namespace), first.uid).seen
    after = cluster.relabel(first.key, first.uid, "whose", "theirs").seen

    assert orjson.loads(after.body)["metadata"]["labels"] == {"whose": "theirs"}
    assert replicas(api, namespace) == (3, ["yardarm-handover"])
    assert (after.ours, after.projection) == (True, written.projection)
    assert after.writer != "yardarm-unit"
    ours = cluster.update(labelled(server(namespace), "whose", "ours"), first.uid).seen
    assert orjson.loads(ours.body)["metadata"]["labels"] == {"whose": "ours"}


def test_a_label_is_set_on_just_that_object(cluster, namespace):
    """Neither on another of its name, nor by making one."""
    made = server(namespace)
    first = cluster.create(made).seen
    somebody = "3d1b1f4e-0000-4000-8000-000000000000"
    assert cluster.relabel(made.key, somebody, "whose", "theirs") == OtherIncarnation()
    cluster.delete(made.key, first.uid)
    wait_until("gone", lambda: cluster.get(made.key) is None)
    assert cluster.relabel(made.key, first.uid, "whose", "theirs") == Gone()


def test_a_deleted_job_takes_its_pods_along(cluster, api, namespace):
    """No pod is orphaned, and the Job stays until the last one is gone: its devices are free then."""
    first = cluster.create(job(namespace, ttlSecondsAfterFinished=600)).seen
    pods = f"/api/v1/namespaces/{namespace}/pods"
    wait_until("the Job has a pod", lambda: bool(api.list(pods)))
    assert cluster.delete(first.key, first.uid).seen.deleting
    wait_until("the Job is gone", lambda: cluster.get(first.key) is None)
    assert api.list(pods) == []


@pytest.mark.parametrize(
    ("kind", "spec"), [("ServiceAccount", {}), ("Service", {"spec": {"ports": [{"port": 80}]}})]
)
def test_a_deletion_that_is_done_at_once_says_so(cluster, namespace, kind, spec):
    """Of these kinds the API server answers with the object, though there is none any more."""
    metadata = {"name": "one", "namespace": namespace}
    first = cluster.create(manifest({"apiVersion": "v1", "kind": kind, "metadata": metadata, **spec})).seen
    assert cluster.delete(first.key, first.uid).seen.body == b""
    assert cluster.get(first.key) is None


def test_a_deletion_that_lingers_is_seen(cluster, api, namespace, config_map):
    """An object with a finalizer is there, and says that it goes."""
    made = config_map()
    body = manifest({**made.body, "metadata": {**made.body["metadata"], "finalizers": ["yardarm.dev/test"]}})
    first = cluster.create(body).seen
    assert cluster.delete(first.key, first.uid).seen.deleting
    assert cluster.get(first.key).deleting
    api.patch(config_maps(namespace, "one"), {"metadata": {"finalizers": None}})


def test_a_record_stays_readable_for_people(store, api):
    """Text is kept as text, what is compressed as base64, and all of a unit's have its label."""
    store.write("parent", b'{"unit":"u"}', None)
    store.write("1-0", b"\x1f\x8b\x00", None)
    parent, shard = api.get(store._path("parent")), api.get(store._path("1-0"))
    assert parent["data"] == {"record": '{"unit":"u"}'}
    assert shard["binaryData"] == {"record": "H4sA"}
    assert parent["metadata"]["labels"]["yardarm.dev/unit"] == shard["metadata"]["labels"]["yardarm.dev/unit"]


def test_units_do_not_see_each_others_records(wire, namespace):
    """Two units may keep their records in one namespace."""
    one, two = (KubernetesStore(wire, unit, namespace) for unit in ("u-1", "u-2"))
    one.write("parent", b"1", None)
    assert two.read() == {}
    two.write("parent", b"2", None)
    assert one.read()["parent"].data == b"1"
