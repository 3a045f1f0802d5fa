"""`yardarm import` of what runs in a namespace: the same specs as of the files that it came from."""

from pathlib import Path

from tests.controlplane.client import Api
from tests.controlplane.discovery import discover
from tests.controlplane.environment import Environment
from tests.invoking import invoke
from yardarm_reconciler.importing.reading import objects

CASES = Path(__file__).parents[1] / "cases" / "import"
WEB = CASES / "a-web-server-behind-a-service-is-said-with-fields-alone" / "manifests.yaml"
OTHER = CASES / "a-nightly-etl-is-a-scheduled-job" / "manifests.yaml"


def test_what_runs_is_imported_as_its_files_would_be(api: Api, dev: Environment, namespace):
    """All of a namespace, or one workload with what belongs to it; what the server has filled in is not said."""
    known = discover(api)
    for body in (*objects("web", WEB.read_bytes()), *objects("other", OTHER.read_bytes())):
        body["metadata"].pop("namespace", None)
        api.post(known.collection(body["apiVersion"], body["kind"], namespace), body)
    here = ("--kubeconfig", str(dev.kubeconfig), "-n", namespace, "--team", "shop")

    code, one = invoke("import", *here, "--only", "deployment/web")
    everything = invoke("import", *here)[1]

    assert code == 0, one.stderr
    assert one.stdout == invoke("import", "-f", str(WEB))[1].stdout
    assert everything.stdout.count("\nkind: ") == 2
    assert "kind: ScheduledJob" in everything.stdout


def test_a_cluster_that_has_no_such_workload_says_so(dev: Environment, namespace):
    """A name that is not there, an empty namespace, a cluster without a namespace, files besides."""
    here = ("--kubeconfig", str(dev.kubeconfig), "--team", "shop")

    assert invoke("import", *here, "-n", namespace, "--only", "deployment/nothing")[0] == 2
    assert invoke("import", *here, "-n", namespace)[0] == 2
    assert invoke("import", *here)[0] == 2
    assert invoke("import", *here, "-n", namespace, "-f", str(WEB))[0] == 2
