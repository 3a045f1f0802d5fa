"""What an account needs: of each kind what is done with it, and no more."""

from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.rights import Right, needed

API = Key("apps", "Deployment", "nlp-dev", "api")
ROLE = Key("rbac.authorization.k8s.io", "Role", "nlp-dev", "api")
BINDING = Key("rbac.authorization.k8s.io", "RoleBinding", "nlp-dev", "api")
BEYOND = {"escalate", "bind"}


def test_who_only_looks_once_writes_and_watches_nothing():
    """For a status."""
    rights = needed([API], "yardarm-system", writes=False, follows=False)

    assert {each.verb for each in rights} == {"get", "list"}


def test_an_object_is_written_where_it_lies_and_listed_everywhere():
    """The label by which objects are found is not told by their namespaces."""
    rights = needed([API], "yardarm-system", writes=True, follows=True)
    of_it = {(each.verb, each.namespace) for each in rights if each.kind == API.group_kind}

    assert of_it == {
        *((verb, "") for verb in ("list", "watch")),
        *((verb, "nlp-dev") for verb in ("get", "create", "patch", "delete")),
    }
    assert Right(GroupKind("coordination.k8s.io", "Lease"), "update", "yardarm-system") in rights


def test_who_gives_rights_needs_more_than_those():
    """Both of Roles, which are what is given and bound; only where they are written at all."""
    with_role, bound, without = (
        {each for each in needed([API, *more], "r", writes=True, follows=False) if each.verb in BEYOND}
        for more in ([ROLE], [BINDING], [])
    )

    assert with_role == {Right(ROLE.group_kind, "escalate", "nlp-dev")}
    assert bound == {Right(ROLE.group_kind, "bind", "nlp-dev")}
    assert without == set()
