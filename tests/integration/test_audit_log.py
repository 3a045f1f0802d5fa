"""The audit log as oracle: what tests may conclude from it."""

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}


def test_the_audit_log_tells_a_dry_run_from_a_write(api, audit, config_maps):
    """A dry run is in the log as one and not as a write; the write that follows is one."""
    mark = audit.mark()
    api.apply(f"{config_maps}/one", CONFIG_MAP, dryRun="All")
    api.apply(f"{config_maps}/one", CONFIG_MAP)

    seen = audit.since(mark).about("configmaps", name="one")
    assert [(each.verb, each.dry_run, each.code) for each in seen] == [
        ("patch", True, 201),
        ("patch", False, 201),
    ]
    assert [each.dry_run for each in seen.writes()] == [False]


def test_the_audit_log_tells_who_acted_as_whom(api, audit, config_maps):
    """An impersonated request has both users; what was refused is no write."""
    mark = audit.mark()
    headers = {"Impersonate-User": "nobody"}
    api.request("POST", config_maps, CONFIG_MAP, headers=headers)

    (seen,) = audit.since(mark).as_user("nobody")
    assert (seen.user, seen.impersonated, seen.code, seen.wrote) == ("admin", "nobody", 403, False)
