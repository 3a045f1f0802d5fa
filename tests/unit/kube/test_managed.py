"""Managed fields: who owns what, what people added, and what of it becomes ours."""

import pytest

from yardarm_reconciler.kube.managed import foreign, last_writer, ours, taken_over, union

OWN = {
    "f:metadata": {"f:labels": {"f:app": {}}},
    "f:spec": {
        "f:replicas": {},
        "f:template": {
            "f:spec": {"f:containers": {'k:{"name":"main"}': {".": {}, "f:image": {}, "f:name": {}}}}
        },
    },
}
CONTAINERS = ("f:spec", "f:template", "f:spec", "f:containers")


def entry(manager, fields, *, operation="Update", **more):
    """One entry of managed fields."""
    made = {"manager": manager, "operation": operation, "apiVersion": "apps/v1", "fieldsV1": fields}
    return made | more


APPLY = entry("yardarm", OWN, operation="Apply", time="2026-01-01T00:00:00Z")


def below(*path, leaf=None):
    """A set with one path in it."""
    fields = leaf if leaf is not None else {}
    for step in reversed(path):
        fields = {step: fields}
    return fields


SIDECAR = below(*CONTAINERS, 'k:{"name":"sidecar"}', leaf={".": {}, "f:image": {}, "f:name": {}})
HOST_PID = below("f:spec", "f:template", "f:spec", "f:hostPID")
RESTART = below(
    "f:spec",
    "f:template",
    "f:metadata",
    "f:annotations",
    leaf={".": {}, "f:kubectl.kubernetes.io/restartedAt": {}},
)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (SIDECAR, ["spec.template.spec.containers[sidecar]"]),
        (HOST_PID, ["spec.template.spec.hostPID"]),
        (below(*CONTAINERS, 'k:{"name":"main"}', "f:env"), ["spec.template.spec.containers[main].env"]),
        (below("f:metadata", "f:finalizers", 'v:"keep"'), ["metadata.finalizers"]),
        (below("f:metadata", "f:labels", "f:app"), []),
        (below("f:spec", "f:replicas"), []),
        (RESTART, []),
    ],
)
def test_what_people_added_is_told_by_its_highest_path(fields, told):
    """A path that we apply too is ours, and a restart is no change."""
    assert foreign([APPLY, entry("kubectl-edit", fields)]) == tuple(f"{path} (kubectl-edit)" for path in told)


@pytest.mark.parametrize("manager", ["kubectl-patch", "kubectl", "before-first-apply", "yardarm"])
def test_people_are_known_by_their_tools(manager):
    """Also by an Update under our own name, which is none of ours."""
    assert foreign([APPLY, entry(manager, HOST_PID)]) == (f"spec.template.spec.hostPID ({manager})",)


@pytest.mark.parametrize(
    "other",
    [
        entry("kube-controller-manager", HOST_PID),
        entry("kueue", HOST_PID, operation="Apply"),
        entry("kubectl", HOST_PID, subresource="scale"),
        entry("kubectl-edit", HOST_PID, apiVersion="apps/v2"),
    ],
)
def test_programs_and_subresources_are_left_alone(other):
    """What is not a person's is nobody's drift; another version's paths may mean something else."""
    assert foreign([APPLY, other]) == ()
    assert taken_over([APPLY, other]) == [APPLY, other]


def test_without_an_entry_of_ours_nothing_is_told():
    """That is drift of its own."""
    assert (ours([entry("kubectl-edit", OWN)]), foreign([entry("kubectl-edit", OWN)])) == (None, ())


def test_what_people_own_becomes_ours_but_for_a_restart():
    """Their entry goes, or keeps the time of the restart and nothing else; all others stay."""
    both = union([SIDECAR, RESTART])
    status = entry("kube-controller-manager", {"f:status": {}}, subresource="status")
    after = taken_over([APPLY, entry("kubectl-edit", both), status, entry("kubectl-patch", HOST_PID)])

    restarted = below(
        "f:spec", "f:template", "f:metadata", "f:annotations", "f:kubectl.kubernetes.io/restartedAt"
    )
    assert [each["manager"] for each in after] == ["yardarm", "kubectl-edit", "kube-controller-manager"]
    assert after[0]["fieldsV1"] == union([OWN, SIDECAR, HOST_PID])
    assert after[1]["fieldsV1"] == restarted
    assert after[2] == status
    assert foreign(after) == ()


def test_a_union_keeps_what_is_a_member_itself():
    """A leaf of one set that is a branch of the other is both."""
    assert union([{"f:a": {}}, {"f:a": {"f:b": {}}}]) == {"f:a": {".": {}, "f:b": {}}}
    assert union([{"f:a": {"f:b": {}}}, {"f:a": {"f:c": {}}}]) == {"f:a": {"f:b": {}, "f:c": {}}}


def test_the_last_writer_is_the_newest_of_the_others():
    """Not we, and not whoever writes a status."""
    managed = [
        APPLY,
        entry("first", {}, time="2026-01-02T00:00:00Z"),
        entry("second", {}, time="2026-01-03T00:00:00Z"),
        entry("controller", {}, time="2026-01-09T00:00:00Z", subresource="status"),
    ]
    assert last_writer(managed) == "second"
    assert last_writer([APPLY]) == ""
