"""The projection: what of an object is ours, and what of a change to it concerns us."""

import copy
import json
import time
from pathlib import Path

import pytest

from yardarm_reconciler.kube.fields import projection, see
from yardarm_reconciler.model.manifest import GroupKind, Key

RECORDED = Path(__file__).parent / "recorded"
DEPLOYMENT = GroupKind("apps", "Deployment")


def recorded(name):
    """An answer of a real API server."""
    return json.loads((RECORDED / f"{name}.json").read_text())


def seen(live):
    """What we see of it."""
    return see(live, DEPLOYMENT, "apps/v1")


@pytest.fixture
def live():
    """Our Deployment after its controller wrote a status."""
    return recorded("controller-wrote-status")


def container(live):
    """Our container in it."""
    return next(each for each in live["spec"]["template"]["spec"]["containers"] if each["name"] == "main")


def test_an_object_is_seen_with_its_identity_and_without_managed_fields(live):
    """Key, uid and version come from the object; managed fields do not go on."""
    found = seen(live)
    assert found.key == Key("apps", "Deployment", "team-a", "d")
    assert (found.uid, found.resource_version) == (
        live["metadata"]["uid"],
        live["metadata"]["resourceVersion"],
    )
    assert found.ours
    assert not found.deleting
    assert b"managedFields" not in found.body


def test_an_item_of_a_list_is_seen_as_the_object_by_itself(live):
    """Items of a list say neither kind nor version."""
    item = {key: value for key, value in live.items() if key not in {"kind", "apiVersion"}}
    assert seen(item) == seen(live)


def test_seeing_changes_nothing(live):
    """What was read from the server stays as it is."""
    before = copy.deepcopy(live)
    seen(live)
    assert live == before


def test_what_others_own_does_not_concern_the_projection(live):
    """A status, an annotation of a controller and a container that a person added are not ours."""
    first = seen(live).projection
    live["status"]["replicas"] = 7
    live["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "9"
    live["metadata"]["resourceVersion"] = "99"
    assert seen(live).projection == first
    assert seen(recorded("person-added-a-container")).projection == first


@pytest.mark.parametrize(
    "change",
    [
        lambda live: container(live).update(image="other"),
        lambda live: container(live)["args"].append("--b"),
        lambda live: container(live)["env"][0].update(value="2"),
        lambda live: container(live)["resources"]["limits"].pop("nvidia.com/gpu"),
        lambda live: container(live)["ports"].clear(),
        lambda live: live["spec"]["template"]["spec"]["tolerations"].append({"operator": "Exists"}),
        lambda live: live["spec"]["template"]["spec"]["containers"].clear(),
        lambda live: live["spec"].update(replicas=3),
        lambda live: live["metadata"]["finalizers"].clear(),
        lambda live: live["metadata"].pop("labels"),
        lambda live: live.update(spec=None),
    ],
)
def test_what_we_applied_shows_in_the_projection(live, change):
    """A change of any value at a path of ours is seen."""
    first = seen(live).projection
    change(live)
    assert seen(live).projection != first


def test_a_value_that_another_manager_took_shows_in_the_projection(live):
    """A person's edit takes the field from our entry: the set of paths is part of the projection."""
    assert seen(recorded("person-changed-the-image")).projection != seen(live).projection


def test_the_order_of_keyed_items_does_not_matter():
    """An injected sidecar may stand before our container."""
    live = recorded("person-added-a-container")
    first = seen(live).projection
    live["spec"]["template"]["spec"]["containers"].reverse()
    assert seen(live).projection == first


@pytest.mark.parametrize(
    "entry",
    [{"manager": "kubectl"}, {"operation": "Update"}, {"subresource": "status"}],
)
def test_only_our_own_apply_entry_makes_an_object_ours(live, entry):
    """Another manager's entry, an Update under our name, and one of a subresource are not what we applied."""
    live["metadata"]["managedFields"][0].update(entry)
    assert not seen(live).ours
    assert seen(live).projection == ""


def test_an_object_without_managed_fields_is_not_ours():
    """Somebody may have cleared them."""
    assert not seen({"metadata": {"name": "d", "managedFields": []}}).ours


@pytest.mark.parametrize(
    ("owned", "value", "other"),
    [
        ({"f:a": {"i:1": {}}}, {"a": [1, 2, 3]}, {"a": [1, 4, 3]}),
        ({"f:a": {"v:1": {}}}, {"a": [2, 1]}, {"a": [2]}),
        ({"f:a": {'k:{"x":true}': {"f:y": {}}}}, {"a": [{"x": True, "y": 1}]}, {"a": [{"x": True, "y": 2}]}),
        ({"f:a": {".": {}}}, {"a": {}}, {}),
        ({"f:a": {}}, {"a": None}, {}),
    ],
)
def test_each_form_of_a_path_is_followed(owned, value, other):
    """By place, by value, by keys; mere presence; and null is not absence."""
    assert projection(value, owned) == projection(copy.deepcopy(value), owned)
    assert projection(value, owned) != projection(other, owned)


def test_the_set_of_paths_is_part_of_the_projection():
    """A path that became ours, or no longer is, shows even where there is no value at it."""
    assert projection({"a": 1}, {"f:a": {}}) != projection({"a": 1}, {"f:a": {}, "f:b": {}})


def test_a_thousand_deployments_are_projected_quickly(live):
    """A restart looks at every object once; that must not be what takes its time."""
    lives = [copy.deepcopy(live) for _ in range(1000)]
    began = time.process_time()
    for each in lives:
        seen(each)
    # About 0.1 s; the limit only tells a factor of ten from the noise of a busy machine.
    assert time.process_time() - began < 1.0
