"""What a cluster refused leads to the line that gave it, or to none: never to a wrong one."""

from functools import cache

import pytest

from tests.integration.engine import ROOT, TEAM
from tests.trees import MemoryTree
from tests.unit.provenance.test_tracing import CLASSES, ENVIRONMENT
from yardarm_reconciler.load import load
from yardarm_reconciler.model.change import Action, Change, Health, Report, State, Sync, WorkloadReport
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.pipeline import desired_in, specs_in
from yardarm_reconciler.provenance.blame import MOST, blame, refused

SPEC = """\
apiVersion: yardarm.dev/v1alpha1
kind: Service
metadata: {name: api, team: nlp}
spec:
  image: registry.example.com/team/app:1.0
  accelerator: l4-24gb:2
  resources: {cpu: 1, memory: 1Gi}
  ports: {http: 8080}
  health: {path: /health}
  args: [--port=8080, --fast]
  volumes:
    data: {path: /data, size: 1Gi, access: many}
  scheduling: {priority: high}
  patch:
    pod:
      spec: {dnsPolicy: Sometimes}
  environments:
    dev: {replicas: 2}
"""
LINES = SPEC.splitlines()
ID = "Service/nlp/api"
MAIN = "spec.template.spec.containers[0]"


@cache
def desired() -> Desired:
    """A server with a little of everything."""
    files = {
        "yardarm.yaml": ROOT,
        "platform/dev.yaml": ENVIRONMENT,
        "platform/classes.yaml": CLASSES,
        "platform/nlp.yaml": TEAM,
        "workloads/api.yaml": SPEC,
    }
    return desired_in(specs_in(load(MemoryTree(files))), "dev")


def refusal(kind: str, *blamed: str, digest: str = "") -> Change:
    """What became of an object of which these fields were refused."""
    (workload,) = (each for each in desired().workloads if each.id == ID)
    made = next(each for each in workload.manifests if each.key.kind == kind)
    return Change(made.key, Action.FAILED, reason="Invalid: no", digest=digest or made.digest, blamed=blamed)


def report(*changes: Change) -> Report:
    """A pass in which these came of one workload's objects."""
    why = f"{changes[0].key.kind}/{changes[0].key.name}: {changes[0].reason}"
    told = WorkloadReport(ID, Sync.OUT_OF_SYNC, Health(State.UNKNOWN), why, changes=changes)
    return Report("dev", "u", "r", (told,))


def underlined(place: Place) -> str:
    """What stands at a place of the workload's file; of another file its name, of none nothing."""
    if place.path != "workloads/api.yaml":
        return place.path
    return LINES[place.line - 1][place.column - 1 :].split(",")[0].strip("}] ")


GIVEN = {
    ("Deployment", "spec.replicas"): "2",
    ("Deployment", f"{MAIN}.image"): "registry.example.com/team/app:1.0",
    ("Deployment", f"{MAIN}.resources.limits[nvidia.com/gpu]"): "l4-24gb:2",
    ("Deployment", f"{MAIN}.resources.limits.memory"): "1Gi",
    ("Deployment", f"{MAIN}.args[0]"): "--port=8080",
    ("Deployment", "spec.template.spec.dnsPolicy"): "Sometimes",
    ("Deployment", f"{MAIN}.ports[0].containerPort"): "8080",
    ("Deployment", "metadata.name"): "api",
    ("PersistentVolumeClaim", "spec.resources.requests.storage"): "1Gi",
    # The platform decides it alone.
    ("Deployment", "spec.template.spec.priorityClassName"): "platform/dev.yaml",
    # All of it is there because of one entry.
    ("PersistentVolumeClaim", "spec"): "{path: /data",
    # The whole spec makes it up, or nothing does.
    ("Deployment", "spec"): "",
    ("Deployment", "spec.template"): "",
    ("Deployment", "spec.template.spec.nodeName"): "",
    ("Deployment", f"{MAIN}.resources.limits[amd.com/gpu]"): "",
    ("Deployment", "nonsense"): "",
}
"""By refused fields, what stands at the place that is told: all of them are looked for at one time."""


@cache
def found() -> dict[tuple[str, str], str]:
    """What stands at the places that are told."""
    told = report(*(refusal(kind, field) for kind, field in GIVEN))
    (workload,) = blame(told, desired(), desired()).workloads
    return {(change.key.kind, change.blamed[0]): underlined(change.rejected) for change in workload.changes}


@pytest.mark.parametrize(("kind", "field"), GIVEN)
def test_a_value_is_blamed_on_the_line_that_gave_it(kind, field):
    """Of the workload's spec before the platform's; where no line gave it alone there is none."""
    assert found()[kind, field] == GIVEN[kind, field]


def test_the_first_field_that_has_a_line_counts_and_only_for_this_revision():
    """A server blames several, of which some are its own; what was applied may be what was good last."""
    fields = ("spec.template.spec.nodeName", "spec.replicas")
    told = report(refusal("Deployment", *fields), refusal("Deployment", *fields, digest="another"))

    (workload,) = blame(told, desired(), desired()).workloads

    assert [underlined(change.rejected) for change in workload.changes] == ["2", ""]
    assert workload.reason.startswith(f"Deployment/api: {workload.changes[0].rejected} Invalid")


def test_a_few_workloads_are_looked_into():
    """Each takes its time; a pass in which nothing was refused takes none."""
    (one,) = report(refusal("Deployment", "spec.replicas")).workloads

    assert len(refused(Report("dev", "u", "r", (one,) * (MOST + 2)))) == MOST
    assert refused(report(refusal("Deployment"))) == []
