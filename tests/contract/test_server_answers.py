"""What this API server answers in the cases that applying rests on (docs: "Seen on this server").

If a new Kubernetes version changes one of these, it is the reconciler that has to change, not the test.
"""

import pytest

from tests.controlplane.waiting import wait_until

OTHER_UID = "00000000-0000-0000-0000-000000000000"


def _config_map(name="one", *, labels=None, value="1", **metadata):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": labels or {}, **metadata},
        "data": {"value": value},
    }


def _job(command="first", *, suspend=False):
    container = {"name": "main", "image": "example.test/main:1", "command": [command]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "one"},
        "spec": {
            "suspend": suspend,
            "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
        },
    }


@pytest.fixture
def one(config_maps):
    """The path of the ConfigMap `one` in a new namespace."""
    return f"{config_maps}/one"


@pytest.fixture
def job(namespace):
    """The path of the Job `one` in a new namespace."""
    return f"/apis/batch/v1/namespaces/{namespace}/jobs/one"


@pytest.fixture
def deployment(namespace):
    """The path of the Deployment `one` in a new namespace."""
    return f"/apis/apps/v1/namespaces/{namespace}/deployments/one"


@pytest.mark.parametrize("query", [{}, {"dryRun": "All"}])
def test_applying_what_is_there_keeps_the_version(api, one, query):
    """An unchanged apply is no write: resourceVersion stays, dry run or not."""
    first = api.apply(one, _config_map())
    second = api.apply(one, _config_map(), **query)

    assert (second.status, second.resource_version) == (200, first.resource_version)


def test_applying_version_1_only_ever_creates(api, one):
    """With resourceVersion "1" an absent object is created and an existing one refused."""
    created = api.apply(one, _config_map(resourceVersion="1"), force=True)
    again = api.apply(one, _config_map(resourceVersion="1"), force=True)

    assert (created.status, again.status, again.reason) == (201, 409, "Conflict")


def test_applying_a_uid_meets_that_incarnation_only(api, one):
    """With a uid, the object of that uid is updated, another is refused, and none is created."""
    absent = api.apply(one, _config_map(uid=OTHER_UID), force=True)
    uid = api.apply(one, _config_map()).body["metadata"]["uid"]
    same = api.apply(one, _config_map(uid=uid, value="2"), force=True)
    other = api.apply(one, _config_map(uid=OTHER_UID, value="3"), force=True)

    assert [each.status for each in (absent, same, other)] == [409, 200, 422]
    assert api.get(one)["data"] == {"value": "2"}


def test_deleting_another_incarnation_is_refused(api, one):
    """A DELETE whose uid precondition does not hold is a conflict, and deletes nothing."""
    api.apply(one, _config_map())
    answer = api.request("DELETE", one, {"preconditions": {"uid": OTHER_UID}})

    assert (answer.status, answer.reason) == (409, "Conflict")
    assert api.get(one) is not None


def test_an_unknown_field_is_a_500(api, deployment):
    """A misspelt field under Strict is told as an internal error, by its text alone."""
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "one"},
        "spec": {"replicsa": 1},
    }
    answer = api.apply(deployment, body, fieldValidation="Strict")

    assert (answer.status, answer.reason) == (500, "")
    assert ".spec.replicsa: field not declared in schema" in answer.message


@pytest.mark.parametrize(
    ("suspend", "field"),
    # A suspended Job's resources may change (validatePodTemplateUpdate), so its cause lies deeper.
    [(False, "spec.template"), (True, "spec.template.spec")],
)
def test_a_jobs_template_cannot_change(api, job, suspend, field):
    """Another template is invalid, with the field in the causes."""
    api.apply(job, _job(suspend=suspend))
    answer = api.apply(job, _job("second", suspend=suspend), dryRun="All")

    assert (answer.status, answer.reason) == (422, "Invalid")
    assert answer.causes == [("FieldValueInvalid", field)]


def test_a_dry_creation_tells_an_illegal_update_from_a_bad_manifest(api, job):
    """A good manifest POSTed over an existing name exists already; a bad one is invalid."""
    api.apply(job, _job())
    jobs = job.removesuffix("/one")
    good = api.request("POST", jobs, _job("second"), query={"dryRun": "All"})
    bad = api.request("POST", jobs, _without_containers(_job()), query={"dryRun": "All"})

    assert (good.status, good.reason) == (409, "AlreadyExists")
    assert (bad.status, bad.reason) == (422, "Invalid")


def _without_containers(job):
    template = {"spec": {"restartPolicy": "Never", "containers": []}}
    return {**job, "spec": {**job["spec"], "template": template}}


def test_a_lost_label_looks_like_a_deletion(api, config_maps, one):
    """A label-selected watch says DELETED with the old labels, and nothing is being deleted."""
    api.apply(one, _config_map(labels={"ours": "yes"}))
    with api.watch(config_maps, seconds=10, labelSelector="ours=yes") as events:
        assert next(events)["type"] == "ADDED"
        api.patch(one, {"metadata": {"labels": {"ours": None}}})
        event = next(events)

    assert event["type"] == "DELETED"
    assert event["object"]["metadata"]["labels"] == {"ours": "yes"}
    assert "deletionTimestamp" not in event["object"]["metadata"]


def test_a_terminating_namespace_takes_nothing_new(api, config_maps, one, namespace):
    """A write into a namespace that is going away is forbidden, and the cause says why."""
    api.apply(one, _config_map(finalizers=["yardarm.dev/test"]))
    api.delete(f"/api/v1/namespaces/{namespace}")
    wait_until("terminating", lambda: _phase(api, namespace) == "Terminating")

    answer = api.apply(f"{config_maps}/two", _config_map("two"))
    api.patch(one, {"metadata": {"finalizers": None}})

    assert (answer.status, answer.reason) == (403, "Forbidden")
    assert answer.causes == [("NamespaceTerminating", "metadata.namespace")]


def _phase(api, namespace):
    return api.get(f"/api/v1/namespaces/{namespace}")["status"]["phase"]


def test_a_dry_run_needs_the_namespace(api):
    """Nothing can be tried in a namespace that is not there yet."""
    missing = "/api/v1/namespaces/not-there-yet/configmaps/one"
    answer = api.apply(missing, _config_map(), dryRun="All")

    assert (answer.status, answer.reason) == (404, "NotFound")


def test_an_unknown_kind_is_plain_text(api, namespace):
    """A kind that no CRD defines is a 404 without a Status."""
    answer = api.request("GET", f"/apis/absent.example.test/v1/namespaces/{namespace}/things")

    assert (answer.status, answer.body) == (404, {})


def test_a_forced_apply_takes_over_silently(api, config_maps, one):
    """Somebody else's object is changed without a word: only a precondition protects it."""
    api.post(config_maps, _config_map(value="theirs"))
    answer = api.apply(one, _config_map(value="ours"), force=True)

    assert (answer.status, answer.body["data"]) == (200, {"value": "ours"})


def test_dropped_replicas_fall_to_one(api, deployment):
    """Leaving out replicas that nobody else owns scales to 1: they must be handed over first."""
    api.apply(deployment, _deployment(replicas=3))
    answer = api.apply(deployment, _deployment())

    assert answer.body["spec"]["replicas"] == 1


def _deployment(**spec):
    labels = {"app": "one"}
    pod = {"containers": [{"name": "main", "image": "example.test/main:1"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "one"},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }
