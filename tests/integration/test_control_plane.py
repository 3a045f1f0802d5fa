"""The control plane itself: what other tests take for granted about it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from tests.controlplane.client import RefusedError
from tests.controlplane.configuration import STAGE_LABEL
from tests.controlplane.nodes import add_nodes, gpu_node
from tests.controlplane.process import ExitedError
from tests.controlplane.waiting import wait_until

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
CONFIG_MAP = {"metadata": {"name": "one"}}


def _pods(namespace):
    return f"/api/v1/namespaces/{namespace}/pods"


def _pod(name, *, stage=None, annotations=None, **spec):
    labels = {STAGE_LABEL: stage} if stage else {}
    container = {"name": "main", "image": "example.test/main:1"}
    return {
        "metadata": {"name": name, "labels": labels, "annotations": annotations or {}},
        "spec": {"containers": [container], **spec},
    }


def _gpu_pod(name, product, gpus):
    container = {"name": "main", "image": "example.test/main:1"}
    return _pod(
        name,
        containers=[{**container, "resources": {"limits": {"nvidia.com/gpu": str(gpus)}}}],
        nodeSelector={"nvidia.com/gpu.product": product},
        tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists"}],
    )


@pytest.fixture
def gpu_product(api):
    """The product of one 8-GPU node that is there for this test alone."""
    node = gpu_node("gpu-of-one-test", product="NVIDIA-TEST")
    add_nodes(api, [node])
    yield "NVIDIA-TEST"
    api.delete("/api/v1/nodes/gpu-of-one-test")


@pytest.fixture
def node(api):
    """A node without accelerators or taints would take every pod; this one is for pods that name it."""
    name = "gpu-by-name"
    add_nodes(api, [gpu_node(name, product="ANY")])
    yield name
    api.delete(f"/api/v1/nodes/{name}")


def test_the_server_says_its_version(api):
    """The version stamps are those of go.mod, so that clients see the real version."""
    assert api.get("/version")["gitVersion"] == "v1.37.2"


def test_environments_do_not_see_one_another(control_plane, namespace):
    """An object made in one environment is absent from the other, on the same etcd."""
    staging = control_plane.environment("staging")

    with staging.api() as other:
        assert other.get(f"/api/v1/namespaces/{namespace}") is None


def test_a_token_opens_its_own_environment_only(control_plane, dev):
    """The admin of one environment is nobody in the other."""
    staging = control_plane.environment("staging")

    with staging.api(dev.admin_token) as other:
        assert other.request("GET", "/version").status == 401


def test_kubectl_works_with_the_kubeconfig(dev):
    """People's kubectl finds the environment by a context of its name."""
    command = [
        dev.kubectl,
        f"--kubeconfig={dev.kubeconfig}",
        f"--context={dev.name}",
        "get",
        "ns",
        "-o",
        "name",
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "namespace/default" in answer.stdout.splitlines()


def test_a_viewer_may_read_and_not_write(dev):
    """The viewer's token has the built-in role `view` and nothing more."""
    with dev.api(dev.viewer_token) as viewer:
        assert viewer.list(CONFIG_MAPS)
        with pytest.raises(RefusedError, match="forbidden"):
            viewer.post(CONFIG_MAPS, CONFIG_MAP)


def test_the_reconcilers_kubeconfig_is_its_service_account(dev):
    """The reconciler is known by its service account's name, in the environment's context."""
    command = [dev.kubectl, f"--kubeconfig={dev.reconciler_kubeconfig}", "auth", "whoami"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "system:serviceaccount:yardarm-system:yardarm" in answer.stdout


def test_the_scheduler_stops_at_the_nodes_devices(api, namespace, gpu_product):
    """Of five pods with 2 GPUs on a node of 8, four run and one says why it waits."""
    for i in range(5):
        api.post(_pods(namespace), _gpu_pod(f"p{i}", gpu_product, gpus=2))

    wait_until("four running", lambda: _phases(api, namespace).count("Running") == 4)
    wait_until("a reason for the fifth", lambda: bool(_unschedulable(api, namespace)))

    assert _phases(api, namespace).count("Pending") == 1
    assert "Insufficient nvidia.com/gpu" in _unschedulable(api, namespace)[0]


def _phases(api, namespace):
    return [each["status"]["phase"] for each in api.list(_pods(namespace))]


def _unschedulable(api, namespace):
    conditions = [c for each in api.list(_pods(namespace)) for c in each["status"].get("conditions", [])]
    return [each["message"] for each in conditions if each.get("reason") == "Unschedulable"]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("crash-loop", ("Running", {"waiting": "CrashLoopBackOff", "terminated": "Error"})),
        ("image-pull", ("Pending", {"waiting": "ImagePullBackOff"})),
        ("out-of-memory", ("Running", {"waiting": "CrashLoopBackOff", "terminated": "OOMKilled"})),
        ("fail", ("Failed", {"terminated": "Error"})),
    ],
)
def test_a_pod_fails_as_its_label_says(api, namespace, node, stage, expected):
    """Our stages give a labelled pod the status that a kubelet would, and upstream's leave it there."""
    api.post(_pods(namespace), _pod("p", stage=stage, nodeName=node))

    wait_until(f"{stage}: {expected}", lambda: _status(api, namespace) == expected)


def _status(api, namespace):
    """The pod's phase, and the reasons of its container's present and last state."""
    status = api.get(f"{_pods(namespace)}/p")["status"]
    states = [
        each.get(when, {}) for each in status.get("containerStatuses", []) for when in ("lastState", "state")
    ]
    return status["phase"], {key: value["reason"] for state in states for key, value in state.items()}


def test_a_slow_model_runs_before_it_is_ready(api, namespace, node):
    """A pod that loads a model is Running and not Ready first, and Ready after its load time."""
    load = {"yardarm.dev/test-load-time": "1s"}
    api.post(_pods(namespace), _pod("p", stage="slow-load", annotations=load, nodeName=node))

    wait_until("loading", lambda: _readiness(api, namespace) == ("Running", "False"))
    wait_until("loaded", lambda: _readiness(api, namespace) == ("Running", "True"))


def _readiness(api, namespace):
    status = api.get(f"{_pods(namespace)}/p")["status"]
    ready = [each["status"] for each in status.get("conditions", []) if each["type"] == "Ready"]
    return (status["phase"], *ready)


@pytest.mark.parametrize(
    ("stage", "condition"), [("", "Complete"), ("fail", "Failed"), ("out-of-memory", "Failed")]
)
def test_a_job_ends_as_its_pods_do(api, namespace, node, stage, condition):
    """The real Job controller judges what the stages make of its pods."""
    template = _pod("any", stage=stage, restartPolicy="Never", nodeName=node)
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    api.post(path, {"metadata": {"name": "j"}, "spec": {"backoffLimit": 0, "template": template}})

    wait_until(f"the job is {condition}", lambda: condition in _true_conditions(api.get(f"{path}/j")))


def test_a_job_that_keeps_running_does_not_complete(api, namespace, node):
    """A labelled Job's pod is ready and stays so, where upstream's would complete at once."""
    template = _pod("any", stage="keep-running", restartPolicy="Never", nodeName=node)
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    api.post(path, {"metadata": {"name": "j"}, "spec": {"template": template}})

    wait_until("the job's pod ready", lambda: api.get(f"{path}/j")["status"].get("ready") == 1)
    assert _phases(api, namespace) == ["Running"]


def test_a_namespace_with_a_running_job_goes(api, node):
    """Its pods go first, and the Job controller lets go only of those that have ended."""
    template = _pod("any", stage="keep-running", restartPolicy="Never", nodeName=node)
    api.post("/api/v1/namespaces", {"metadata": {"name": "goes"}})
    path = "/apis/batch/v1/namespaces/goes/jobs"
    spec = {"podReplacementPolicy": "Failed", "template": template}
    api.post(path, {"metadata": {"name": "j"}, "spec": spec})
    wait_until("the job's pod ready", lambda: api.get(f"{path}/j")["status"].get("ready") == 1)

    api.delete("/api/v1/namespaces/goes")

    wait_until("it is gone", lambda: api.get("/api/v1/namespaces/goes") is None)


def _true_conditions(found):
    return [each["type"] for each in found["status"].get("conditions", []) if each["status"] == "True"]


def test_a_claim_is_bound(api, namespace):
    """A claim without a class gets the default one, and a volume, though there is no disk."""
    path = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    api.post(path, {"metadata": {"name": "c"}, "spec": spec})

    wait_until("the claim is bound", lambda: api.get(f"{path}/c")["status"].get("phase") == "Bound")


def test_a_killed_server_comes_back_with_its_data(control_plane):
    """An API server that was killed is started again on the same address and keeps what was written."""
    broken = control_plane.fresh("--max-requests-inflight=100")
    with broken.api() as api:
        api.post(CONFIG_MAPS, CONFIG_MAP)
        broken.api_server.kill()
        with pytest.raises(urllib3.exceptions.HTTPError):
            api.get("/version")
        broken.restart_api_server()

        assert api.get(f"{CONFIG_MAPS}/one") is not None
    control_plane.stop_environment(broken)


def test_a_program_that_ends_while_starting_is_told_with_its_log(control_plane):
    """A wrong flag is an error at once, in the program's own words, and not a timeout."""
    with pytest.raises(ExitedError, match="unknown flag: --no-such-flag"):
        control_plane.fresh("--no-such-flag")


def test_a_paused_server_goes_on_where_it_was(dev, api):
    """SIGSTOP freezes the API server with its sockets open; SIGCONT lets it answer again."""
    dev.api_server.pause()
    wait_until("it is stopped", lambda: _state(dev.api_server.pid) == "T")
    dev.api_server.resume()

    assert api.get("/version")


def test_children_do_not_outlive_their_parent(tmp_path):
    """Even a parent that is killed leaves no program running."""
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.controlplane.process import Command, Forker\n"
        "child = Forker().start(Command('sleep', ('/bin/sleep', '60'), Path(sys.argv[1])))\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", program, tmp_path / "log"]
    parent = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    assert parent.returncode == -signal.SIGKILL
    # One that ended is a zombie until the machine's init has waited for it.
    wait_until("the child gone", lambda: _state(int(parent.stdout)) in {"", "Z"})


def _state(pid):
    """A process's state as /proc gives it (proc(5)), or nothing if there is none of that id."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""
