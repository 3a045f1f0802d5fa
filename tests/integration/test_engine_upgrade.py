"""Another version of Yardarm, which renders other bytes from the same specs: who restarts, and when."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.engine import Engine, actions, batch_job, of, service
from yardarm_reconciler import pipeline
from yardarm_reconciler.cli import exits
from yardarm_reconciler.model.change import Action, Sync
from yardarm_reconciler.model.manifest import Manifest, manifest

API, WEB = "Service/nlp/api", "Service/nlp/web"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Two services and a job, applied by version 1."""
    with ThreadPoolExecutor(4) as pool:
        files = {f"workloads/{name}.yaml": service(name) for name in ("api", "web")}
        made = Engine(tmp_path / "dev", pool, {**files, "workloads/etl.yaml": batch_job("etl")})
        made.turn()
        yield made


@pytest.fixture
def upgraded(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Callable[[dict], dict]], None]:
    """Makes the engine version 2, which changes every object of one kind."""

    def change(kind: str, how: Callable[[dict], dict]) -> None:
        render = pipeline.expand

        def other(resolution: object, before: object = None) -> object:
            found = render(resolution, before)
            workloads = tuple(
                replace(each, manifests=tuple(map(changed, each.manifests))) for each in found.value
            )
            return replace(found, value=workloads)

        def changed(made: Manifest) -> Manifest:
            return manifest(how(dict(made.body)), made.origin) if made.key.kind == kind else made

        monkeypatch.setattr(pipeline, "expand", other)
        engine.renderer = "2"

    return change


def pods(body: dict) -> dict:
    """Another pod template."""
    template = body["spec"]["template"]
    spec = {**template["spec"], "terminationGracePeriodSeconds": 41}
    return {**body, "spec": {**body["spec"], "template": {**template, "spec": spec}}}


OWN_KIND = """
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec:
  cluster: dev
  policy: {resources: [Training.example.com]}
  accounting: {Training.example.com: {pods: [{template: spec.template, count: [1]}]}}
"""
OF_OWN_KIND = """
apiVersion: yardarm.dev/v1alpha1
kind: RawResources
metadata: {name: own, team: nlp}
spec:
  manifests:
    - inline:
        apiVersion: example.com/v1
        kind: Training
        metadata: {name: own}
        spec:
          template:
            spec:
              securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
              containers:
                - name: main
                  image: registry.example.com/t:1
                  resources: {limits: {memory: 1Gi}}
                  securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  environments: {dev: {}}
"""


def note(body: dict) -> dict:
    """Another annotation of the object alone."""
    metadata = {**body["metadata"], "annotations": {"yardarm.dev/note": "2"}}
    return {**body, "metadata": metadata}


def grace(engine: Engine, name: str) -> bool:
    """Whether a Deployment is as version 2 renders it."""
    return (
        "terminationGracePeriodSeconds: 41"
        in (engine.directory / "nlp-dev/Deployment.apps" / f"{name}.yaml").read_text()
    )


def test_what_an_upgrade_would_restart_waits_for_a_yes(engine, upgraded):
    """Nobody asked for a restart by a commit: kept as it was, until just these are confirmed."""
    upgraded("Deployment", pods)
    held = engine.turn()

    assert actions(held) == {}
    assert [(guard.name, guard.ids) for guard in held.guards] == [("upgrade", (API, WEB))]
    assert {of(held, API).sync, of(held, WEB).sync} == {Sync.HELD}
    assert not grace(engine, "api")

    engine.confirm("upgrade")
    assert actions(engine.turn()) == {
        "Deployment/api": Action.CONFIGURED,
        "Deployment/web": Action.CONFIGURED,
    }
    assert grace(engine, "api")
    assert (actions(engine.turn()), engine.turn().guards) == ({}, ())


def test_pods_of_kinds_that_only_the_environment_knows_are_restarted_by_nobody_either(engine, upgraded):
    """Where an environment says how the pods of a kind are found, their restart waits for a yes as any other."""
    engine.files |= {"platform/dev.yaml": OWN_KIND, "workloads/own.yaml": OF_OWN_KIND}
    assert actions(engine.turn())["Training/own"] is Action.CREATED
    upgraded("Training", pods)
    held = engine.turn()

    assert actions(held) == {}
    assert [(guard.name, guard.ids) for guard in held.guards] == [("upgrade", ("RawResources/nlp/own",))]


def test_where_nobody_is_asked_restarts_come_a_few_at_a_time(engine, upgraded):
    """The others wait behind the same guard, in this process and in the next."""
    engine.sync = {"upgrade": {"mode": "apply", "workloads": 1, "every": "1h"}}
    upgraded("Deployment", pods)
    first = engine.turn()

    assert actions(first) == {"Deployment/api": Action.CONFIGURED}
    assert [(guard.name, guard.ids) for guard in first.guards] == [("turn", (WEB,))]
    assert exits.of_report(first) == exits.FINE
    assert (actions(engine.turn()), grace(engine, "web")) == ({}, False)

    engine.sync["upgrade"]["every"] = "0s"
    assert actions(engine.turn()) == {"Deployment/web": Action.CONFIGURED}
    assert (actions(engine.turn()), engine.turn().guards) == ({}, ())


def test_who_does_not_want_to_wait_for_a_turn_says_yes(engine, upgraded):
    """The digest of those that wait is confirmed as any other."""
    engine.sync = {"upgrade": {"mode": "apply", "workloads": 1, "every": "1h"}}
    upgraded("Deployment", pods)
    engine.turn()
    engine.confirm("turn")

    assert actions(engine.turn()) == {"Deployment/web": Action.CONFIGURED}


def test_a_look_takes_nobodys_turn(engine, upgraded):
    """What only looks says who would restart, and leaves all as it was."""
    engine.sync = {"upgrade": {"mode": "apply", "workloads": 1, "every": "1h"}}
    upgraded("Deployment", pods)
    looked = engine.turn(write=False)

    assert actions(looked) == {"Deployment/api": Action.CONFIGURED}
    assert engine.inventory().parent.turn is None


def test_what_waits_is_still_repaired_as_it_was(engine, upgraded):
    """Drift goes back to the bytes of the former version."""
    upgraded("Deployment", pods)
    engine.turn()
    (engine.directory / "nlp-dev/Deployment.apps/api.yaml").unlink()

    assert actions(engine.turn()) == {"Deployment/api": Action.CREATED}
    assert not grace(engine, "api")


def test_a_commit_to_what_waits_is_applied_by_the_new_version(engine, upgraded):
    """It restarts anyway: the other one goes on waiting."""
    upgraded("Deployment", pods)
    engine.turn()
    engine.files["workloads/api.yaml"] = service("api", env={"LEVEL": "debug"})
    done = engine.turn()

    assert actions(done) == {"Deployment/api": Action.CONFIGURED}
    assert (grace(engine, "api"), grace(engine, "web")) == (True, False)
    assert [guard.ids for guard in done.guards] == [(WEB,)]


def test_what_restarts_nothing_is_applied_at_once(engine, upgraded):
    """A label or a rule of the network is no restart."""
    upgraded("Deployment", note)

    assert set(actions(engine.turn())) == {"Deployment/api", "Deployment/web"}


def test_a_run_is_not_repeated_by_an_upgrade(engine, upgraded):
    """Its id is what the team asked to compute; the object belongs to the cluster."""
    upgraded("Job", pods)
    done = engine.turn()

    assert (actions(done), done.guards) == ({}, ())
