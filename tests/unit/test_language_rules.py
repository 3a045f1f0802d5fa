"""The rules of the specification language, one after the other: of each what holds, and what is refused.

What holds stands here as a spec and one value that becomes of it. What is refused are case folders, whose own tests
compare every place; here each is found under its rule.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rendering import render
from tests.trees import MemoryTree, of_directory
from yardarm_reconciler.decide.effective import effective
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.model.fields import fields

CASES = Path(__file__).parents[1] / "cases"
ENVIRONMENT = "production"
IMAGE = "registry.example.com/a@sha256:" + "0a" * 32

RULES = {
    0: "A class by itself means one device; of two groups the one that the environment lists later is the stronger.",
    1: "Nothing is guessed: fields, pairs, units and types are those that there are, and a word is a text.",
    2: "What a person may override is a map by name: null takes one entry away, and a list is replaced as a whole.",
    3: "A spec names a class of devices; what it is called in a cluster, and what it brings, the environment says.",
    4: "Every container has a memory limit and no device that was not counted, whatever was patched.",
    5: "A workload runs where its own file says, and who it is stays the same everywhere.",
    6: "Each layer is stronger than the one before, and what they come to together is what is judged.",
    7: "What the environment lacks is refused at the field that needs it.",
    8: "Budgets count the most that can run at one time, and the budget itself becomes the quota.",
    9: "What cannot be changed is named by its content, and what a controller decides is not said.",
    10: "A secret is a reference.",
    11: "A pod may nothing that was not asked for, and what is asked for must be allowed.",
    12: "A patch may say what no field says, but not what the environment forbids.",
    13: "Texts are not templates: what depends on the spec is a reference that is checked.",
    14: "Names fit their kind, the same each time, and two of them are an error.",
    15: "Labels tell whose an object is, and nobody else may say so.",
    16: "Objects as they are written are held to the same rules, and only kinds that harm nobody are admitted.",
}

GONE = ""
"""Of a path at which there must be nothing."""

MAIN = "spec.template.spec.containers[main]"

HOLDS = [
    (0, "Service", "accelerator: l4-24gb", "Deployment", f"{MAIN}.resources.limits.nvidia.com/gpu", "1"),
    (0, "Service", "environments: {eu: {replicas: 3}, live: {replicas: 2}}", "Deployment", "spec.replicas", "3"),
    (1, "Service", "env: {MODE: off}", "Deployment", f"{MAIN}.env[MODE].value", "off"),
    (1, "Service", 'resources: {memory: "1e9"}', "Deployment", f"{MAIN}.resources.limits.memory", "1e9|1000000000|1G"),
    (2, "Service", "env: {A: a}\nenvironments: {production: {env: {A: null}}}", "Deployment", f"{MAIN}.env[A].value", GONE),
    (2, "Service", "args: [--a]\nenvironments: {production: {args: [--b]}}", "Deployment", f"{MAIN}.args[--a]", GONE),
    (3, "Service", "accelerator: [t4-16gb, mi300x-192gb]", "Deployment", f"{MAIN}.resources.limits.amd.com/gpu", "1"),
    (4, "BatchJob", "sidecars: {a: {image: IMAGE, resources: {memory: 1Gi}}}", "Job",
     "spec.template.spec.initContainers[a].resources.limits.memory", "1Gi"),
    (4, "BatchJob", "", "Job", f"{MAIN}.resources.limits.memory", "4Gi"),
    (5, "Service", "replicas: 1\nenvironments: {live: {replicas: 2}, production: {}}", "Deployment", "spec.replicas", "2"),
    (5, "Service", "environments: {staging: {}}", "Deployment", "metadata.name", GONE),
    (6, "Service", "resources: {memory: 2Gi}", "Deployment", f"{MAIN}.resources.limits.memory", "2Gi"),
    (6, "Service", "patch: {pod: {spec: {terminationGracePeriodSeconds: 7}}}", "Deployment",
     "spec.template.spec.terminationGracePeriodSeconds", "7"),
    (7, "Service", "scaling: {max: 3, metric: {query: sum(a)}, target: 5}", "ScaledObject", "spec.maxReplicaCount", "3"),
    (8, "Service", "accelerator: l4-24gb:4\nreplicas: 4", "ResourceQuota", "spec.hard.requests.nvidia.com/gpu", "32"),
    (9, "BatchJob", "", "Job", "metadata.name", "w-[0-9a-f]{8}"),
    (9, "Service", "resources: {cpu: 1}\nscaling: {max: 3, metric: cpu, target: 70%}", "Deployment", "spec.replicas", GONE),
    (10, "Service", "secrets: {A: {secret: b, key: c}}", "Deployment", f"{MAIN}.env[A].valueFrom.secretKeyRef.name", "b"),
    (11, "Service", "", "Deployment", "spec.template.spec.automountServiceAccountToken", "(?i)false"),
    (11, "Service", "", "Deployment", "spec.template.spec.enableServiceLinks", "(?i)false"),
    (11, "Service", "", "Deployment", f"{MAIN}.securityContext.allowPrivilegeEscalation", "(?i)false"),
    (12, "Service", "patch: {pod: {spec: {schedulerName: other}}}", "Deployment", "spec.template.spec.schedulerName", "other"),
    (12, "Service", "patch: {resources: [{target: {kind: Deployment}, merge: {spec: {minReadySeconds: 9}}}]}",
     "Deployment", "spec.minReadySeconds", "9"),
    (13, "StreamProcessor", "source: {kafka: {brokers: [a:1], topic: b, group: c}}\nenv: {T: {from: source.kafka.topic}}",
     "Deployment", f"{MAIN}.env[T].value", "b"),
    (13, "Service", 'env: {A: "{{ b }}"}', "Deployment", f"{MAIN}.env[A].value", r"\{\{ b \}\}"),
    (14, "ScheduledJob", "schedule: {cron: 0 2 * * *}", "CronJob", "metadata.name", "[a-z][-a-z0-9]{0,51}"),
    (15, "BatchJob", "", "Job", "spec.template.metadata.labels.yardarm.dev/workload", "w"),
    (15, "Service", "", "Deployment", "metadata.labels.app.kubernetes.io/managed-by", "yardarm"),
    (16, "RawResources", "manifests: [{inline: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}}]",
     "ConfigMap", "metadata.labels.yardarm.dev/workload", "w"),
]  # fmt: skip
"""By rule: the kind of a spec and what it says, then an object's kind, a path in it, and what stands there."""

REFUSED = [
    (0, "wrong/a-count-of-no-devices", "field/invalid"),
    (1, "wrong/an-unknown-field-is-most-often-a-typing-error", "field/unknown"),
    (1, "wrong/replicas-and-scaling-exclude-each-other", "field/exclusive"),
    (1, "wrong/yes-is-text-and-no-boolean", "field/type"),
    (1, "wrong/a-number-in-quotes-is-text", "field/type"),
    (1, "wrong/a-duration-has-a-unit", "field/invalid"),
    (2, "wrong/a-list-is-no-map", "field/type"),
    (2, "wrong/null-is-for-overrides", "field/type"),
    (2, "validate/an-override-may-not-remove-a-field-that-does-not-exist", "field/unknown"),
    (3, "wrong/a-class-that-the-environment-does-not-have", "accelerator/not-offered"),
    (3, "wrong/a-shared-device-twice", "accelerator/shared-count"),
    (3, "wrong/alternatives-that-cannot-stand-in", "accelerator/alternatives-disagree"),
    (3, "wrong/a-topology-that-is-of-another-size", "accelerator/topology-product"),
    (3, "wrong/more-devices-than-a-node-has", "accelerator/too-many"),
    (4, "wrong/a-sidecar-without-memory", "field/missing"),
    (4, "expand_patch/limits-and-security-hold-after-patches", "policy/no-memory-limit"),
    (4, "expand_patch/limits-and-security-hold-after-patches", "accelerator/uncounted"),
    (5, "wrong/an-environment-that-does-not-exist", "environment/unknown"),
    (5, "wrong/an-environment-is-not-null", "environment/null-override"),
    (5, "wrong/an-override-may-not-rename", "environment/not-overridable"),
    (6, "validate/an-override-that-adds-the-other-of-two-exclusive-fields-names-both", "field/exclusive"),
    (7, "wrong/an-image-as-a-volume-without-the-capability", "capability/missing"),
    (7, "expand/a-queue-needs-a-controller", "capability/missing"),
    (8, "wrong/more-than-the-team-may-hold", "budget/team-exceeded"),
    (8, "wrong/more-than-one-workload-may-hold", "budget/workload-exceeded"),
    (8, "resolve/devices-on-every-node-are-counted-by-the-nodes-there-are", "accelerator/uncounted-nodes"),
    (9, "expand_patch/what-an-object-is-and-whose-stays-as-it-is", "policy/patch-identity"),
    (10, "wrong/a-secret-in-plain-sight", "security/secret-inline"),
    (10, "validate/a-secret-in-an-override-is-an-error", "security/secret-inline"),
    (11, "wrong/root-without-the-exception", "security/root"),
    (11, "wrong/an-exception-that-nobody-allows", "policy/exception"),
    (11, "wrong/an-exception-that-the-namespace-does-not-admit", "security/level"),
    (12, "wrong/a-patch-of-what-is-forbidden", "policy/patch"),
    (12, "wrong/a-patch-of-nothing", "reference/patch-target"),
    (
        13,
        "expand/a-consumer-that-cannot-be-scaled-or-told-is-refused-at-the-field",
        "reference/unknown-value",
    ),
    (14, "wrong/a-name-has-no-upper-case", "name/invalid"),
    (14, "expand/two-workloads-that-make-the-same-object-are-both-held", "name/collision"),
    (15, "wrong/a-label-of-yardarms-own", "name/reserved-label"),
    (16, "expand_raw/kinds-that-harm-others-are-not-admitted", "policy/resource-kind"),
    (16, "expand_raw/rules-hold-for-raw-pods", "policy/no-memory-limit"),
]
"""By rule: the folder of a case, and the code of what it is refused for."""


def platform(folder: Path) -> dict[str, bytes]:
    """What the cases of one stage share; those of validation are documents without a repository around them."""
    root = b"apiVersion: yardarm.dev/v1alpha1\nkind: Repository\nspec: {specs: [environments, workloads], platform: [environments]}\n"
    return {"yardarm.yaml": root, **of_directory(folder / "_platform").contents}


def in_two_groups(contents: dict[str, bytes]) -> dict[str, bytes]:
    """The same platform whose production is in a second group too, the stronger of the two."""
    path = "environments/all.yaml"
    return {**contents, path: contents[path].replace(b"groups: [live]", b"groups: [live, eu]", 1)}


def spec(kind: str, text: str) -> bytes:
    """A spec that runs in production, if it does not say otherwise."""
    said = text.replace("IMAGE", f'"{IMAGE}"').splitlines()
    said += [] if kind == "RawResources" else [f'image: "{IMAGE}"']
    said += [] if "environments:" in text else ["environments: {production: {}}"]
    name = "w" if kind != "ScheduledJob" else "w" + "-long" * 12
    head = f"apiVersion: yardarm.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}, team: nlp}}\nspec:\n"
    return (head + "".join(f"  {line}\n" for line in said)).encode()


@pytest.mark.parametrize("table", [HOLDS, REFUSED], ids=["holds", "refused"])
def test_every_rule_has_a_row(table):
    """Of each rule something holds, and something is refused."""
    assert {row[0] for row in table} == set(RULES)


@pytest.mark.parametrize(
    ("kind", "text", "object_kind", "path", "expected"),
    [pytest.param(*row[1:], id=f"{row[0]:02}-{number}") for number, row in enumerate(HOLDS)],
)
def test_it_holds(kind, text, object_kind, path, expected):
    """The spec is accepted, and says what becomes of it."""
    contents = in_two_groups(platform(CASES / "wrong"))
    rendered = render(MemoryTree({**contents, "workloads/w.yaml": spec(kind, text)}), ENVIRONMENT)

    values = [
        each.after
        for made in rendered.manifests
        if made.key.kind == object_kind
        for each in fields({}, made.body)
        if each.path == path
    ]
    assert [each.code.name for each in rendered.diagnostics if each.is_error] == []
    assert [value for value in values if not re.fullmatch(expected, value)] == []
    assert bool(values) == (expected != GONE)


@pytest.mark.parametrize(
    ("folder", "code"),
    [pytest.param(*row[1:], id=f"{row[0]:02}-{row[1]}") for row in REFUSED],
)
def test_it_is_refused(folder, code):
    """The case is an error of this very kind, at a line of a file."""
    stage = (CASES / folder).parent
    contents = {**platform(stage), **of_directory(CASES / folder).contents}
    rendered = render(MemoryTree(contents), ENVIRONMENT)
    nobody = Inventory(None, {})
    over = effective(rendered.workloads, {}, {}, nobody, rendered.resolution.limits, "").diagnostics

    found = [each for each in (*rendered.diagnostics, *over) if each.code.name == code]
    assert [each for each in found if each.is_error and each.place.line]
