"""Reports and problems that the tests of all screens show: those of a small company on an ordinary day."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from yardarm_reconciler.model.budget import TOTAL, Limit, Limits, Peak, Usage
from yardarm_reconciler.model.change import (
    Action,
    Cause,
    Change,
    FieldChange,
    Guard,
    Health,
    Report,
    State,
    Sync,
    WorkloadReport,
)
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import NOWHERE, Code, Place, Severity
from yardarm_reconciler.model.plan import (
    EnvironmentPlan,
    Finding,
    Holding,
    Plan,
    RuleChange,
    Since,
    WorkloadPlan,
)
from yardarm_reconciler.model.provenance import Explained, Leaf, Provenance, Source
from yardarm_reconciler.report.history import Step
from yardarm_reconciler.report.names import Commit
from yardarm_reconciler.report.trace import Traced

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COMMIT = Commit("Serve qwen3 on L4", "Ana", timedelta(minutes=3))
HEALTHY = Health(State.HEALTHY)

UNKNOWN_CLASS = Code("accelerator/unknown-class", "No such class", "why")
TEAM_BUDGET = Code("budget/team-exceeded", "Too much", "why")
WIDE_EGRESS = Code("policy/wide-egress", "Wide egress", "why", severity=Severity.WARNING)
SYNTAX = Code("yaml/syntax", "Not YAML", "why")

SPECS = {
    "workloads/nlp/qwen3.yaml": ["apiVersion: yardarm.dev/v1alpha1"] * 8 + ["  accelerator: h100-80g:2"],
    "workloads/nlp/reranker-ft.yaml": ["apiVersion: yardarm.dev/v1alpha1"] * 7
    + ["  accelerator: h100-80gb:8"],
    "workloads/nlp/übersetzer.yaml": ['\tname: {名前: "翻訳", accelerator: h100}   # \x1b[31mred\x1b[0m'],
    "workloads/long.yaml": ["  command: [" + "sh, -ec, " * 14 + "--modle=qwen3, " + "x, " * 40 + "]"],
}

PROBLEMS = (
    TEAM_BUDGET.at(
        Place("workloads/nlp/reranker-ft.yaml", 8, 16, 8, 27),
        "nlp would hold 44 h100-80gb in production, its budget is 12",
        fix="4 nodes × 8 = 32, with 12 already held by qwen3-32b (8) and llama31-8b (4)",  # noqa: RUF001 - as people write it
        note="lower nodes, or raise environments/catalog/teams.yaml:14:36 (owner: @platform)",
    ),
    UNKNOWN_CLASS.at(
        Place("workloads/nlp/qwen3.yaml", 9, 16, 9, 24),
        'production has no accelerator class "h100-80g"',
        fix='did you mean "h100-80gb"?',
        note="production offers: h100-80gb, h100-80gb-mig-1g-10gb, l4-24gb, mi300x-192gb",
    ),
)


def lines(path):
    """The lines of a spec."""
    return SPECS.get(path, [])


def change(kind, name, action, cause=None, reason="", origin=NOWHERE, fields=()):
    """A change of an object in nlp-dev."""
    group = {"Deployment": "apps", "CronJob": "batch", "Job": "batch"}.get(kind, "")
    return Change(Key(group, kind, "nlp-dev", name), action, cause, reason, origin, fields)


QWEN = Place("workloads/nlp/qwen3.yaml", 4, 3)

SYNCED = Report(
    "dev",
    "u-1",
    "4f2c9e1d0b7a4c3e9f8a1b2c3d4e5f6a7b8c9d0e",
    (
        WorkloadReport(
            "Service/nlp/qwen3-32b",
            Sync.SYNCED,
            HEALTHY,
            changes=(
                change("Deployment", "qwen3-32b", Action.CONFIGURED, Cause.GIT, origin=QWEN),
                change("Service", "qwen3-32b", Action.UNCHANGED),
            ),
        ),
        WorkloadReport(
            "Team/nlp", Sync.SYNCED, HEALTHY, changes=(change("Namespace", "nlp-dev", Action.CREATED),)
        ),
        WorkloadReport(
            "ScheduledJob/crm/churn-scores",
            Sync.SYNCED,
            HEALTHY,
            changes=(
                change(
                    "CronJob",
                    "churn-scores",
                    Action.CONFIGURED,
                    Cause.DRIFT,
                    "schedule was edited by kubectl-edit",
                ),
            ),
        ),
        WorkloadReport(
            "Service/risk/fraud-embedder",
            Sync.HELD,
            HEALTHY,
            "field/unknown since 91ab0c2: workloads/risk/fraud.yaml:7:3 unknown field; running 77d01fe",
            changes=(change("Deployment", "fraud-embedder", Action.UNCHANGED),),
        ),
    ),
    seconds=4.1,
)

FAILED = Report(
    "dev",
    "u-1",
    "4f2c9e1d0b7a4c3e9f8a1b2c3d4e5f6a7b8c9d0e",
    (
        WorkloadReport(
            "Service/nlp/qwen3-32b",
            Sync.OUT_OF_SYNC,
            HEALTHY,
            "Deployment/qwen3-32b: Forbidden: quota",
            changes=(
                change(
                    "Deployment",
                    "qwen3-32b",
                    Action.FAILED,
                    reason="Forbidden: exceeded quota: yardarm-devices, requested: requests.nvidia.com/gpu=4, used: 8, limited: 8",
                ),
                change("Service", "qwen3-32b", Action.SKIPPED, reason="an earlier stage failed"),
            ),
        ),
    ),
    error="the API server stopped answering: connection refused",
    seconds=30.0,
)

GUARDED = Report(
    "production",
    "u-2",
    "e4f5a6b0d0b7a4c3e9f8a1b2c3d4e5f6a7b8c9d0",
    (),
    guards=(
        Guard(
            "prune",
            "41 of 52 workloads would go (limit 10 or 20 %)",
            tuple(f"Service/nlp/model-{number:02}" for number in range(41)),
            "3be1f0c2a9d4" + "0" * 52,
        ),
    ),
    seconds=1.0,
)

CHANGED = Report(
    "production",
    "u-2",
    "e4f5a6b0d0b7a4c3e9f8a1b2c3d4e5f6a7b8c9d0",
    (
        WorkloadReport(
            "Service/nlp/qwen3-32b",
            Sync.OUT_OF_SYNC,
            HEALTHY,
            origin=Place("workloads/nlp/qwen3.yaml", 1, 1),
            changes=(
                change(
                    "Deployment",
                    "qwen3-32b",
                    Action.CONFIGURED,
                    Cause.GIT,
                    fields=(
                        FieldChange(
                            "spec.template.spec.containers[main].args[--tensor-parallel-size]", "2", "4"
                        ),
                        FieldChange(
                            "spec.template.spec.containers[main].env[HF_TOKEN].value",
                            "*** (before)",
                            "*** (after)",
                        ),
                        FieldChange("spec.template.spec.containers[main].env[LOG_LEVEL].value", "", "debug"),
                        FieldChange(
                            "spec.template.spec.containers[main].resources.limits.nvidia.com/gpu", "2", "4"
                        ),
                        FieldChange("spec.template.spec.hostNetwork", "true", ""),
                    ),
                ),
                change("ConfigMap", "qwen3-32b-files", Action.CREATED, Cause.GIT),
                change("ConfigMap", "qwen3-32b-old", Action.DELETED, Cause.GIT),
                change("Service", "qwen3-32b", Action.UNCHANGED),
            ),
        ),
        WorkloadReport(
            "BatchJob/nlp/reranker-ft",
            Sync.OUT_OF_SYNC,
            HEALTHY,
            origin=Place("workloads/nlp/reranker-ft.yaml", 1, 1),
            changes=(
                change("Job", "reranker-ft-8f31c2aa", Action.REPLACED, Cause.GIT),
                change(
                    "ServiceAccount",
                    "reranker-ft",
                    Action.CONFLICT,
                    reason="an object of this name is not ours",
                ),
            ),
        ),
        WorkloadReport("Service/search/embedder", Sync.SYNCED, HEALTHY),
    ),
)

PLACE = Place("environments/production/environment.yaml", 20, 9)
LIMITS = Limits(
    Limit("production", {"h100-80gb": (16, PLACE), "l4-24gb": (10, PLACE)}, Decimal(100), PLACE),
    Limit("a workload"),
    {"nlp": Limit("nlp", {"h100-80gb": (8, PLACE)}), "risk": Limit("risk", {"l4-24gb": (4, PLACE)})},
)


def workload(id_, sync, state, reason="", age=None, health="", peak=None):
    """A workload of the status screen."""
    since = NOW - age if age else None
    return WorkloadReport(id_, sync, Health(state, health), reason, since=since, peak=peak or Peak())


STATUS = Report(
    "production",
    "u-2",
    "e4f5a6b0d0b7a4c3e9f8a1b2c3d4e5f6a7b8c9d0",
    (
        workload(
            "BatchJob/nlp/reranker-ft",
            Sync.SYNCED,
            State.PROGRESSING,
            age=timedelta(hours=3),
            health="4 active, 0 of 4 done",
            peak=Peak({"h100-80gb": 4}, Decimal(32)),
        ),
        workload(
            "Service/nlp/llama31-8b",
            Sync.SYNCED,
            State.DEGRADED,
            age=timedelta(minutes=4),
            health="1 of 2 pods Pending: 0/5 nodes are available: 5 Insufficient nvidia.com/gpu",
            peak=Peak({"h100-80gb": 8}, Decimal("33.60")),
        ),
        workload(
            "Service/risk/fraud-embedder",
            Sync.HELD,
            State.HEALTHY,
            "field/unknown since 91ab0c2: workloads/risk/fraud.yaml:7:3 unknown field; running 77d01fe",
            age=timedelta(hours=2),
            peak=Peak({"l4-24gb": 6}, Decimal(6)),
        ),
        *(workload(f"Service/web/site-{n:02}", Sync.SYNCED, State.HEALTHY) for n in range(47)),
        *(workload(f"BatchJob/web/import-{n}", Sync.SYNCED, State.SUCCEEDED) for n in range(2)),
    ),
    limits=LIMITS,
    notes={"behind": "behind by 1: window opens 22:00 Europe/Berlin"},
    advance=Guard("advance", "it is waited for", ("5d6e7f8",), "41f09ac2be77" * 5),
)

USAGE = Usage(
    "production",
    Limits(
        LIMITS.environment,
        Limit("one workload", {TOTAL: (8, PLACE)}),
        LIMITS.teams | {"risk": Limit("risk", {"l4-24gb": (4, PLACE)}, Decimal(8), PLACE)},
    ),
    {
        "BatchJob/nlp/reranker-ft": Peak({"h100-80gb": 2}, Decimal("8.20"), "2 pods at one time", QWEN),
        "Service/nlp/llama31-8b": Peak({"h100-80gb": 4}, Decimal("16.40"), "1 replica, 4 each", QWEN),
        "Service/risk/fraud-embedder": Peak({"l4-24gb": 12}, Decimal("9.60"), "12 replicas", QWEN),
        "Service/web/site": Peak(),
        "Team/nlp": Peak(),
    },
    {"h100-80gb": Decimal("4.10"), "l4-24gb": Decimal("0.80")},
    ("Service/web/shop",),
)
WITHIN = Usage(
    "dev",
    Limits(Limit("dev"), Limit("one workload")),
    {"Service/nlp/api": Peak({"t4-16gb": 1}, Decimal("0.35"))},
)

NLP = LIMITS.teams["nlp"]
PLANNED = EnvironmentPlan(
    "production",
    (
        WorkloadPlan(
            "Service/nlp/qwen3-32b",
            QWEN,
            (
                *CHANGED.workloads[0].changes[:3],
                change("StatefulSet", "qwen3-32b", Action.REPLACED, reason="spec.serviceName cannot change"),
                change("PersistentVolumeClaim", "qwen3-32b", Action.HELD, reason="it holds data"),
            ),
            held=(PROBLEMS[0],),
            owners=("@nlp", "@platform"),
        ),
        WorkloadPlan(
            "Service/search/embedder",
            QWEN,
            (
                change("Deployment", "embedder", Action.CREATED),
                change("Deployment", "vectorizer", Action.DELETED),
            ),
            renamed_from="Service/search/vectorizer",
        ),
        WorkloadPlan("Service/risk/fraud", QWEN, unknown="it is invalid in the base: field/type a.yaml:1:1"),
    ),
    597,
    Holding(
        "production",
        Peak({"h100-80gb": 8}, Decimal("32.80")),
        Peak({"h100-80gb": 16}, Decimal("65.60")),
        LIMITS.environment,
        LIMITS.environment,
    ),
    (Holding("nlp", Peak({"h100-80gb": 4}), Peak({"h100-80gb": 12}), Limit("nlp"), NLP),),
    GUARDED.guards,
)
PLAN = Plan(
    "a1b2c3d" + "0" * 33,
    "e4f5a6b" + "0" * 33,
    (PLANNED, EnvironmentPlan("staging", unchanged=12), EnvironmentPlan("dev", note="a new environment")),
    (
        RuleChange(
            "Team",
            "nlp",
            Action.CONFIGURED,
            PLACE,
            (FieldChange("spec.budgets.production.costPerHour", "60", "80"),),
        ),
        RuleChange("Environment", "dev", Action.CREATED, PLACE),
        RuleChange("AcceleratorClass", "k80", Action.DELETED, PLACE),
    ),
    (
        Finding(PROBLEMS[0], Since.HEAD, ("production",)),
        Finding(PROBLEMS[1], Since.BASE, ("production", "staging")),
        Finding(SYNTAX.at(Place("a.yaml", 1, 1), "it would not be read"), Since.RULES),
    ),
    "8f31c2" * 10,
)

TRACED = (
    Traced(
        (
            Key("", "Pod", "nlp-production", "qwen3-32b-7c9d-x2x4l"),
            Key("apps", "ReplicaSet", "nlp-production", "qwen3-32b-7c9d"),
            Key("apps", "Deployment", "nlp-production", "qwen3-32b"),
        ),
        "production",
        "ModelService/nlp/qwen3-32b",
        Place("workloads/nlp/qwen3.yaml", 1, 1),
        "e4f5a6b" + "0" * 33,
        ("91ab0c2" + "0" * 33, Commit("Bigger \x1b[2Jcontext (#412)", "Ana", timedelta(days=2))),
        "changed since it was applied",
        ("spec.template.spec.containers[debug] (kubectl-edit)",),
        "kubectl-edit",
    ),
    Traced(
        (Key("", "Namespace", "", "nlp-production"),),
        "production",
        "Team/nlp",
        Place("environments/teams.yaml", 4, 1),
        "e4f5a6b" + "0" * 33,
        None,
        "as applied",
    ),
)
HISTORY = (
    Step("e4f5a6b" + "0" * 33, "2026-11-23T11:58:00+00:00", "", "Bigger context"),
    Step(
        "5d6e7f8" + "0" * 33,
        "2026-11-22T21:00:10+00:00",
        "pinned to 5d6e7f8 by ana on 2026-11-22 21:00 UTC: incident 12",
        "Serve qwen3 on L4",
    ),
    Step(
        "91ab0c2" + "0" * 33,
        "2026-11-20T08:15:00+00:00",
        "",
        "Faster \x1b[2Jtokens",
        "ana on 2026-11-22 20:58 UTC: latency",
    ),
)
ASKED = Source("spec.accelerator", "h100-80gb:4", Place("workloads/nlp/qwen3.yaml", 9, 16))
EACH = Source(
    "Environment.accelerators.h100-80gb.perDevice.memory",
    "180Gi",
    Place("environments/production/environment.yaml", 14, 91),
)
PART = "spec.template.spec.containers[main].resources"
ORIGINS = Provenance(
    "production",
    "Service/nlp/qwen3-32b",
    (
        Explained(
            Key("apps", "Deployment", "nlp-production", "qwen3-32b"),
            (
                Leaf("spec.replicas", "1", (Source("Yardarm's default for Service: spec.replicas", ""),)),
                Leaf(f"{PART}.limits.memory", "720Gi", (EACH, ASKED)),
                Leaf(f"{PART}.limits.nvidia.com/gpu", "4", (ASKED,)),
                Leaf(f"{PART}s.other", "4", (ASKED, EACH, ASKED, EACH, ASKED)),
                Leaf("spec.template.spec.tolerations[nvidia.com/gpu].operator", "Exists", (), (ASKED, EACH)),
                Leaf("spec.template.spec.enableServiceLinks", "false"),
            ),
        ),
    ),
    (Source("spec.odd", "x", QWEN),),
)
