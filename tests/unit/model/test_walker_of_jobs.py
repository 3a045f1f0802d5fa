"""The pods of objects, as the projects that act on these objects count them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from yardarm_reconciler.model.declared import NOTHING
from yardarm_reconciler.model.pod_template import replaced
from yardarm_reconciler.model.walker import templates, with_most_replicas

POD = "{containers: [{name: main}]}"
NODE = "{containers: [{name: node}]}"
RAY = "{template: {spec: {containers: [{name: ray}, {name: main}]}}}"
CASES = {
    "a cron job that forbids overlap runs one Job": (
        f"{{apiVersion: batch/v1, kind: CronJob, spec: {{concurrencyPolicy: Forbid, jobTemplate: {{spec: {{parallelism: 3, template: {{spec: {POD}}}}}}}}}}}",
        [("main", 3)],
    ),
    "a cron job that says nothing may run two": (
        f"{{apiVersion: batch/v1, kind: CronJob, spec: {{jobTemplate: {{spec: {{template: {{spec: {POD}}}}}}}}}}}",
        [("main", 2)],
    ),
    "a set runs each of its Jobs as often as it is replicated": (
        f"""
        apiVersion: jobset.x-k8s.io/v1alpha2
        kind: JobSet
        spec:
          replicatedJobs:
          - {{name: a, template: {{spec: {{template: {{spec: {POD}}}}}}}}}
          - {{name: b, replicas: 2, template: {{spec: {{parallelism: 4, template: {{spec: {POD}}}}}}}}}
        """,
        [("main", 1), ("main", 8)],
    ),
    "a runtime has as many trainers as its policy says": (
        f"""
        apiVersion: trainer.kubeflow.org/v1alpha1
        kind: TrainingRuntime
        spec:
          mlPolicy: {{numNodes: 3, torch: {{numProcPerNode: 8}}}}
          template:
            spec:
              replicatedJobs:
              - {{name: init, template: {{spec: {{template: {{spec: {POD}}}}}}}}}
              - name: node
                template:
                  metadata: {{labels: {{trainer.kubeflow.org/trainjob-ancestor-step: trainer}}}}
                  spec: {{parallelism: 1, template: {{spec: {NODE}}}}}
        """,
        [("main", 1), ("node", 3)],
    ),
    "a train job with resources of its own has them on each node": (
        """
        apiVersion: trainer.kubeflow.org/v1alpha1
        kind: TrainJob
        spec: {runtimeRef: {name: torch}, trainer: {numNodes: 4, resourcesPerNode: {limits: {memory: 1Gi}}}}
        """,
        [("main", 4)],
    ),
    "a ray job has a head, and workers at their most on every host": (
        f"""
        apiVersion: ray.io/v1
        kind: RayJob
        spec:
          rayClusterSpec:
            headGroupSpec: {RAY}
            workerGroupSpecs: [{{replicas: 1, maxReplicas: 3, numOfHosts: 2, {RAY[1:-1]}}}]
          submitterPodTemplate: {{spec: {POD}}}
        """,
        [("ray", 1), ("ray", 6), ("main", 1)],
    ),
    "workers without a most have no bound": (
        f"{{apiVersion: ray.io/v1, kind: RayCluster, spec: {{headGroupSpec: {RAY}, workerGroupSpecs: [{RAY}]}}}}",
        [("ray", 1), ("ray", 2**31 - 1)],
    ),
    "a ray service has two clusters while it changes": (
        f"{{apiVersion: ray.io/v1, kind: RayService, spec: {{rayClusterConfig: {{headGroupSpec: {RAY}}}}}}}",
        [("ray", 2)],
    ),
    "unless it may not": (
        f"{{apiVersion: ray.io/v1, kind: RayService, spec: {{upgradeStrategy: {{type: None}}, rayClusterConfig: {{headGroupSpec: {RAY}}}}}}}",
        [("ray", 1)],
    ),
    "a workflow runs each template as often as it is used": (
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        spec:
          templates:
          - {name: all, dag: {tasks: [{name: a, template: work}, {name: b, template: work}]}}
          - {name: work, container: {image: a}, sidecars: [{name: log}]}
        """,
        [("main", 2)],
    ),
    "and as often as what uses it is used": (
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        spec:
          entrypoint: all
          onExit: work
          templates:
          - {name: all, dag: {tasks: [{name: a, template: part}, {name: b, template: part, hooks: {exit: {template: work}}}]}}
          - {name: part, steps: [[{name: c, template: work}, {name: d, template: work, onExit: work}]]}
          - {name: work, container: {image: a}}
        """,
        [("main", 2 * 3 + 1 + 1)],
    ),
    "one that uses itself has no bound, nor what it uses": (
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        spec:
          entrypoint: all
          templates:
          - {name: all, steps: [[{name: a, template: work}], [{name: b, template: all}]]}
          - {name: work, container: {image: a}}
          - {name: other, container: {image: a}}
        """,
        [("main", 2**31 - 1), ("main", 1)],
    ),
    "one that repeats a task has no bound but that of its parallelism": (
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        spec:
          parallelism: 5
          templates:
          - {name: all, steps: [[{name: a, template: work, withSequence: {count: "9"}}]]}
          - {name: work, script: {image: a}}
        """,
        [("main", 5)],
    ),
    "and without that none": (
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        spec:
          templates:
          - {name: all, steps: [[{name: a, template: work, withParam: "[1]"}]]}
          - {name: work, containerSet: {containers: [{name: main}, {name: other}]}}
        """,
        [("main", 2**31 - 1)],
    ),
    "a workflow on a schedule runs twice what its templates make": (
        """
        apiVersion: argoproj.io/v1alpha1
        kind: CronWorkflow
        spec:
          workflowSpec:
            templates:
            - {name: all, dag: {tasks: [{name: a, template: a}]}}
            - name: a
              resource:
                successCondition: status.succeeded > 2
                manifest: '{"apiVersion":"batch/v1","kind":"Job","spec":{"parallelism":3,"template":{"spec":{"containers":[{"name":"main"}]}}}}'
        """,
        [("main", 6)],
    ),
    "and has no bound where none of its workflows waits for the end of what it made": (
        """
        apiVersion: argoproj.io/v1alpha1
        kind: CronWorkflow
        spec:
          workflowSpec:
            templates:
            - {name: all, dag: {tasks: [{name: a, template: a}]}}
            - name: a
              resource:
                manifest: '{"apiVersion":"batch/v1","kind":"Job","spec":{"parallelism":3,"template":{"spec":{"containers":[{"name":"main"}]}}}}'
        """,
        [("main", 3 * (2**31 - 1))],
    ),
    "what a repeated template makes may outlive it, so that parallelism is no bound": (
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        spec:
          parallelism: 1
          templates:
          - {name: all, dag: {tasks: [{name: a, template: a, withItems: [1, 2]}]}}
          - {name: a, resource: {manifest: '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"main"}]}}'}}
        """,
        [("main", 2**31 - 1)],
    ),
    "what a template makes that cannot be read is a pod that is refused": (
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        spec: {templates: [{name: a, resource: {manifest: "kind: Job"}}]}
        """,
        [("main", 1)],
    ),
    "roles of Kubeflow's jobs are replicated, workers as far as they are elastic": (
        """
        apiVersion: kubeflow.org/v1
        kind: PyTorchJob
        spec:
          elasticPolicy: {maxReplicas: 5}
          pytorchReplicaSpecs:
            Master: {template: {spec: {containers: [{name: main}]}}}
            Worker: {replicas: 3, template: {spec: {containers: [{name: main}]}}}
        """,
        [("main", 1), ("main", 5)],
    ),
    "also those with MPI": (
        """
        apiVersion: kubeflow.org/v2beta1
        kind: MPIJob
        spec:
          mpiReplicaSpecs:
            Launcher: {template: {spec: {containers: [{name: main}]}}}
            Worker: {replicas: 3, template: {spec: {containers: [{name: main}]}}}
        """,
        [("main", 1), ("main", 3)],
    ),
    "a new revision of an InferenceService comes up whole beside the old one": (
        """
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {name: a}
        spec:
          predictor: {maxReplicas: 3, model: {modelFormat: {name: onnx}}}
          transformer: {maxReplicas: 1, containers: [{name: mine}]}
        """,
        [("kserve-container", 6), ("mine", 2)],
    ),
    "and has no bound where none is said": (
        "{apiVersion: serving.kserve.io/v1beta1, kind: InferenceService, metadata: {name: a}, spec: {predictor: {sklearn: {}}}}",
        [("kserve-container", 2**31 - 1)],
    ),
    "one that Deployments run has their surge, and workers beside each replica": (
        """
        apiVersion: serving.kserve.io/v1beta1
        kind: InferenceService
        metadata: {name: a, annotations: {serving.kserve.io/deploymentMode: RawDeployment}}
        spec:
          predictor:
            minReplicas: 4
            huggingface: {}
            workerSpec: {pipelineParallelSize: 3}
        """,
        [("kserve-container", 5), ("worker-container", 10)],
    ),
    "one that is a server without a word has a container without a limit": (
        "{apiVersion: serving.kserve.io/v1beta1, kind: InferenceService, metadata: {name: a}, spec: {predictor: {maxReplicas: 1}}}",
        [("kserve-container", 2)],
    ),
    "Spark has a driver, and two executors where nothing is said": (
        "{apiVersion: sparkoperator.k8s.io/v1beta2, kind: SparkApplication, spec: {driver: {}, executor: {}}}",
        [("spark-kubernetes-driver", 1), ("spark-kubernetes-executor", 2)],
    ),
    "and as many as it may come to": (
        """
        apiVersion: sparkoperator.k8s.io/v1beta2
        kind: ScheduledSparkApplication
        spec:
          template:
            driver: {}
            executor: {instances: 3}
            dynamicAllocation: {enabled: true, maxExecutors: 7}
        """,
        [("spark-kubernetes-driver", 2), ("spark-kubernetes-executor", 14)],
    ),
    "what makes no pods that we know has none": ("{apiVersion: v1, kind: ConfigMap}", []),
}
RUNTIME = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainingRuntime
metadata: {name: mpi}
spec:
  mlPolicy: {numNodes: 1, mpi: {runLauncherAsNode: %s}}
  template:
    spec:
      replicatedJobs:
      - name: launcher
        template:
          metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: trainer}}
          spec: {template: {spec: {containers: [{name: node}]}}}
      - {name: node, template: {spec: {parallelism: 1, template: {spec: {containers: [{name: node}]}}}}}
"""
TRAIN_JOB = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: job}
spec: {runtimeRef: {kind: TrainingRuntime, name: mpi}, trainer: {numNodes: 5}}
"""


def pods(*texts: str) -> list[tuple[str, int]]:
    """The main containers and numbers of pods of some objects of one workload."""
    bodies = with_most_replicas([read(text) for text in texts], 1)
    return [(each.main, each.pods) for body in bodies for each in templates(body, NOTHING)]


def read(text: str) -> Any:
    """An object; ``None`` is a word in it."""
    body = yaml.safe_load(text)
    return {"metadata": {"name": "a"}, **body}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_pods_are_counted_as_their_controllers_make_them(text, expected):
    """The most that run at one time, under the name of the container that each is for."""
    assert pods(text) == expected


@pytest.mark.parametrize(("launcher_too", "workers"), [("true", 4), ("false", 5)])
def test_a_train_job_asks_for_the_workers_of_its_runtime(launcher_too, workers):
    """With MPI they are the nodes; one of them launches, or another pod does."""
    assert pods(RUNTIME % launcher_too, TRAIN_JOB) == [("node", 1), ("node", workers)]


def test_what_scales_a_ray_cluster_stands_beside_its_head():
    """As its options make it: they could ask for devices, too."""
    options = "{image: a, resources: {limits: {memory: 1Gi, nvidia.com/gpu: 1}}}"
    spec = f"{{enableInTreeAutoscaling: true, autoscalerOptions: {options}, headGroupSpec: {RAY}}}"
    (head,) = templates(yaml.safe_load(f"{{apiVersion: ray.io/v1, kind: RayCluster, spec: {spec}}}"), NOTHING)
    assert [each["name"] for each in head.spec["containers"]] == ["ray", "main", "autoscaler"]
    assert head.spec["containers"][2]["resources"]["limits"]["nvidia.com/gpu"] == 1


def test_pods_of_a_workflow_have_what_it_says_for_all_of_them():
    """A path of the node is there for every template, and where a pod shall run is said once."""
    body = yaml.safe_load(
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        spec:
          hostNetwork: true
          nodeSelector: {a: b}
          securityContext: {runAsNonRoot: true}
          volumes: [{name: root, hostPath: {path: /}}]
          templates:
          - {name: work, container: {image: a}, securityContext: {runAsUser: 0}, volumes: [{name: own}]}
        """
    )
    (found,) = templates(body, NOTHING)
    assert found.spec["hostNetwork"]
    assert found.spec["nodeSelector"] == {"a": "b"}
    assert found.spec["securityContext"] == {"runAsUser": 0}
    assert [volume["name"] for volume in found.spec["volumes"]] == ["root", "own"]


@pytest.mark.parametrize(
    ("part", "limit"),
    [
        ("{}", "1408Mi"),
        ("{memory: 10g}", "11264Mi"),
        ("{memory: 2048, memoryOverhead: 1g}", "3072Mi"),
        ("{memory: 524288k}", "896Mi"),
    ],
)
def test_spark_limits_what_is_asked_for_and_what_lies_beside_it(part, limit):
    """A tenth on top, at least 384 MiB, unless it is said."""
    body = yaml.safe_load(
        f"{{apiVersion: sparkoperator.k8s.io/v1beta2, kind: SparkApplication, spec: {{driver: {part}, executor: {{}}}}}}"
    )
    assert templates(body, NOTHING)[0].spec["containers"][0]["resources"] == {"limits": {"memory": limit}}


def test_what_an_object_holds_as_text_can_be_replaced_too():
    """The text stays one that can be read."""
    body = {"manifest": '{"spec":{"template":{"spec":{"a":1}}}}'}
    (text,) = replaced(body, ("manifest", "spec", "template", "spec"), {"b": 2}).values()
    assert yaml.safe_load(text) == {"spec": {"template": {"spec": {"b": 2}}}}
