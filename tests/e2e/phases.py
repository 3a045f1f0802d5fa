"""What a small reconcile can have to do, one kind of change after the other."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from tests.controlplane.client import Object
from tests.controlplane.configuration import STAGE_LABEL
from tests.e2e.fetched import write_model
from tests.e2e.harness import Site

STAYS = {STAGE_LABEL: "keep-running"}
"""Labels of a job whose pod does not end by itself."""


def first_apply(site: Site) -> None:
    """Nothing is there: a team with a service, a configuration file of it, and a job."""
    site.write(
        site.service("api", files={"/etc/app/app.conf": {"content": "on"}}), site.job("index", labels=STAYS)
    )


def everything(site: Site) -> None:
    """In one pass a changed service, a removed one and a new job, beside a run that goes on."""
    site.write(site.service("api"), site.service("old"), site.job("index", labels=STAYS))
    applied(site)
    site.remove("old")
    site.write(site.service("api", env={"LEVEL": "debug"}), site.job("second", labels=STAYS))


def upgrade(site: Site) -> None:
    """A changed service with a file of another content, a run that is cancelled by a newer one, and drift that counts."""
    site.sync = {"mode": "apply"}
    before = {"files": {"/etc/app/app.conf": {"content": "on"}}}
    site.write(site.service("api", **before), site.job("index", labels=STAYS))
    applied(site)
    site.sync = {}
    after = {"files": {"/etc/app/app.conf": {"content": "off"}}}
    site.write(
        site.service("api", **after), site.job("index", labels=STAYS, args=["--all"], overlap="cancel")
    )


def prune(site: Site) -> None:
    """A service and a job that runs are removed; another service stays."""
    site.write(site.service("api"), site.service("old"), site.job("index", labels=STAYS))
    applied(site)
    site.remove("old")
    site.remove("index")


def replacement(site: Site) -> None:
    """What an API server does not let anybody change, and so is made anew: claims that each replica gets."""
    site.write(site.service("api"), _stateful(site, "1Gi"))
    applied(site)
    site.write(_stateful(site, "2Gi"))


def run(site: Site) -> None:
    """A run that goes on is cancelled by a newer one, beside one that is new; what serves stays as it is."""
    site.write(site.service("api"), site.job("index", labels=STAYS))
    applied(site)
    site.write(
        site.job("index", labels=STAYS, args=["--all"], overlap="cancel"), site.job("second", labels=STAYS)
    )


def another_kind(site: Site) -> None:
    """A service becomes a job of the same name, which has objects of the same names, and the other way round."""
    site.write(site.service("api"), site.job("index", labels=STAYS), site.service("web"))
    applied(site)
    site.write(site.job("api", labels=STAYS), site.service("index"))


def another_team(site: Site) -> None:
    """A workload moves to another team, which is new, and with it to another namespace."""
    site.write(site.service("api"), site.service("web"))
    applied(site)
    team = f"{site.team}b"
    spec = {"paths": ["workloads/**"]}
    document = {
        "apiVersion": "yardarm.dev/v1alpha1",
        "kind": "Team",
        "metadata": {"name": team},
        "spec": spec,
    }
    site.files["platform/second.yaml"] = orjson.dumps(document)
    moved = site.service("web")
    moved["metadata"]["team"] = team
    site.write(moved)


def fetch(site: Site) -> None:
    """A model is fetched before it is served."""
    write_model(site, "a")


def _stateful(site: Site, size: str) -> Object:
    return site.service("store", volumes={"data": {"path": "/data", "size": size, "perReplica": True}})


def applied(site: Site) -> None:
    """Commit what is there, and have it applied by a program that nothing disturbs."""
    site.commit()
    done = site.look()
    assert not done.report.error, done.report.error


Phase = Callable[[Site], None]
