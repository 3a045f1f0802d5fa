"""Whose a live object is, as far as the inventory knows it."""

from tests.unit.given import Given, made, record
from yardarm_reconciler.inventory.lineage import asked, lineages
from yardarm_reconciler.inventory.records import Inventory, Run, RunState
from yardarm_reconciler.model.manifest import manifest


def test_a_run_and_its_pods_are_traced_to_their_workload():
    """A run is in the ledger, not among the entries; it may be gone, too."""
    job, pod = made("Job", "etl-1", version="batch/v1"), made("Pod", "etl-1-x")
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "etl-1", "uid": "etl-1", "controller": True}
    pod["metadata"]["ownerReferences"] = [owner]
    run = Run("1", manifest(job).key, RunState.STARTED, "etl-1")
    known = Inventory(None, {"BatchJob/nlp/etl": record(runs=(run,))})

    (of_job,) = lineages(known, Given([job]), asked("job/etl-1", "dev"))  # type: ignore[arg-type] # what is asked of a cluster here
    (of_pod,) = lineages(known, Given([job, pod]), asked("pod/etl-1-x", "dev"))  # type: ignore[arg-type] # as above
    (gone,) = lineages(known, Given([]), asked("job/etl-1", ""))  # type: ignore[arg-type] # as above

    assert (of_job.run, of_job.entry) == (run, None)
    assert [key.kind for key in of_pod.chain] == ["Pod", "Job"]
    assert of_pod.run == run
    assert gone.seen is None
