"""A field that a real API server refuses is told at the line of the spec which gave it, or with no line at all."""

import json

from tests.e2e.admission import few_replicas
from tests.e2e.harness import Site


def write(site: Site, name: str, *lines: str) -> None:
    """A Service document as people write it: these lines begin at the tenth."""
    head = [
        "apiVersion: yardarm.dev/v1alpha1",
        "kind: Service",
        f"metadata: {{name: {name}, team: {site.team}}}",
        "spec:",
        "  image: registry.example.com/team/app:1.0",
        "  resources: {cpu: 10m, memory: 16Mi}",
        "  ports: {http: 8080}",
        "  health: {path: /health}",
        f"  environments: {{{site.environment}: {{}}}}",
    ]
    site.files[f"workloads/{name}.yaml"] = "\n".join([*head, *(f"  {line}" for line in lines), ""]).encode()


def rejected(site: Site, command: str) -> dict[str, str]:
    """By workload, the place that is told of what was refused."""
    _, said = site.cli(command, "--format", "json")
    found = {}
    for each in json.loads(said)["environments"][0]["workloads"]:
        for action in each["actions"]:
            place = action["rejected"] or {"path": "", "line": 0, "column": 0}
            if action["action"] == "failed":
                found[each["id"].rpartition("/")[2]] = f"{place['path']}:{place['line']}:{place['column']}"
    return found


def test_what_the_server_refuses_leads_to_its_line(site: Site):
    """A value out of its set, one inside a list, a field that is unknown, and an input that cannot change."""
    volume = "volumes: {data: {path: /data, size: 1Gi}}"
    write(site, "claim", volume)
    site.commit()
    site.look()
    write(site, "restart", "patch:", "  pod:", "    spec:", "      restartPolicy: Never")
    write(site, "alias", "patch: {pod: {spec: {hostAliases: [{ip: nonsense, hostnames: [a]}]}}}")
    merged = "    - {target: {kind: Deployment}, merge: {spec: {replicsa: 3}}}"
    write(site, "typo", "patch:", "  resources:", merged)
    write(site, "claim", "volumes:", "  data: {path: /data, size: 1Gi, class: fast}")
    site.commit()

    expected = {
        "restart": "workloads/restart.yaml:13:24",
        "alias": "workloads/alias.yaml:10:43",
        "typo": "workloads/typo.yaml:12:63",
        "claim": "workloads/claim.yaml:11:11",
    }
    assert rejected(site, "diff") == expected
    assert rejected(site, "sync") == expected
    _, said = site.cli("status", "--format", "concise")
    assert all(place in said for place in expected.values())


def test_a_denial_leads_to_the_line_of_the_field_that_it_is_about(site: Site):
    """Of a policy without words of its own the server says which expression failed."""
    write(site, "web")
    site.commit()
    site.look()
    write(site, "many", "replicas: 5")
    site.commit()

    with few_replicas(site, "", of="web"):
        assert rejected(site, "sync") == {"many": "workloads/many.yaml:10:13"}
