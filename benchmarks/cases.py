"""The cases: each brings the clusters from one state to the next, by the program and by the floor, and compares."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from benchmarks.processes import Cost
from benchmarks.repository import Content, objects
from benchmarks.results import Result
from benchmarks.running import LONGEST_SECONDS, Running, running
from benchmarks.site import Site, applied, created, deleted, listed, manifests
from yardarm_reconciler.model.manifest import Manifest

REFUSED = 1
"""Exit code of a pass that was well but for a spec that was refused."""

SETTLING = 4
"""Passes until a new process knows all there is, and waits."""

PASSES = 10
"""Warm passes that are measured together."""

EDITED = "app.kubernetes.io/component"
LOOK_SECONDS = 0.01
CHANGES = 5
"""Commits, one after the other; the middle one of the times counts."""

DRIFTS = 5
"""Edits by hand, one after the other; the middle one of the times counts."""


def cold(site: Site) -> Result:
    """To an empty cluster."""
    least = site.floor(created(manifests(site.content)))
    return _sync("cold", site, least)


def noop(site: Site) -> Result:
    """A new process, nothing changed."""
    least = site.floor([listed(manifests(site.content))])
    return _sync("noop", site, least)


def warm(site: Site) -> Result:
    """The same process, nothing changed: one pass of `yardarm run`, git's poll included."""
    least = site.floor([listed(manifests(site.content))])
    with running(site.options, site.folder / "warm.log") as program:
        program.passes(SETTLING)
        mark, before = site.audit.mark(), program.cpu_seconds()
        passes = program.passes(PASSES)
        asked = {verb: number // PASSES for verb, number in site.asked(mark).items()}
        seconds = min(each["seconds"] for each in passes)
        cpu = (program.cpu_seconds() - before) / PASSES
        return _result("warm", site, Cost(seconds, cpu, program.peak_rss_bytes(), 0, ""), asked, least)


def change(site: Site) -> Result:
    """One workload's image changes while the program runs: its pass, from the poll that finds the commit to the end."""
    contents = [site.content.changed(0, f"1.0.{number}") for number in range(1, CHANGES + 1)]
    one = [each for each in manifests(contents[-1]) if each.key.kind == "Deployment"][:1]
    least = site.floor([applied(one, dry_run=True), applied(one)])
    with running(site.options, site.folder / "change.log") as program:
        program.passes(SETTLING)
        mark, before = site.audit.mark(), program.cpu_seconds()
        seconds = sorted(_passed(program, site.commit(content)) for content in contents)[CHANGES // 2]
        cpu = (program.cpu_seconds() - before) / CHANGES
        asked = {verb: round(number / CHANGES) for verb, number in site.asked(mark).items()}
        return _result("change", site, Cost(seconds, cpu, program.peak_rss_bytes(), 0, ""), asked, least)


def drift(site: Site) -> Result:
    """One label edited by hand while the program runs: from the edit to its repair."""
    made = [each for each in manifests(site.content) if each.key.kind == "Deployment"][:DRIFTS]
    least = site.floor([applied(made[:1], dry_run=True), applied(made[:1])])
    with running(site.options, site.folder / "drift.log") as program:
        program.passes(SETTLING)
        mark, before = site.audit.mark(), program.cpu_seconds()
        seconds = sorted(_repaired(site, each) for each in made)[DRIFTS // 2]
        cpu = (program.cpu_seconds() - before) / DRIFTS
        asked = {verb: number // DRIFTS for verb, number in site.asked(mark).items()}
        return _result("drift", site, Cost(seconds, cpu, program.peak_rss_bytes(), 0, ""), asked, least)


def upgrade(site: Site) -> Result:
    """A new image for every workload: one object of four."""
    return _upgrade("upgrade", site, replace(site.content, version="1.1.0", versions=()))


def bad(site: Site) -> Result:
    """An upgrade of all but one, whose spec is invalid: that one is held."""
    content = replace(site.content, version="1.2.0", versions=(), invalid=frozenset({0}))
    result = _upgrade("bad", site, content, REFUSED)
    site.commit(replace(content, invalid=frozenset()))
    site.yardarm("sync")
    return result


def prune(site: Site) -> Result:
    """A tenth of the workloads removed, and confirmed."""
    before = {each.key: each for each in manifests(site.content)}
    site.commit(replace(site.content, workloads=site.content.workloads - site.content.workloads // 10))
    left = {each.key for each in manifests(site.content)}
    least = site.floor([deleted(each for key, each in before.items() if key not in left)])
    shown = json.JSONDecoder().raw_decode(site.yardarm("status", "--format", "json").said)[0]
    for guard in shown["environments"][0]["guards"]:
        site.yardarm("confirm", guard["digest"])
    return _sync("prune", site, least)


CASES: Mapping[str, Callable[[Site], Result]] = {
    each.__name__: each for each in (cold, noop, warm, change, drift, upgrade, bad, prune)
}
"""In the order in which they can follow one another; the first makes what all others need."""


def _upgrade(name: str, site: Site, content: Content, exit_code: int = 0) -> Result:
    site.commit(content)
    made = [each for each in manifests(site.content) if each.key.kind == "Deployment"]
    least = site.floor([applied(made, dry_run=True), applied(made)])
    return _sync(name, site, least, exit_code)


def _sync(name: str, site: Site, least: Cost, exit_code: int = 0) -> Result:
    """A new process brings the cluster to the newest commit."""
    mark = site.audit.mark()
    cost = site.yardarm("sync")
    if cost.exit_code != exit_code:
        raise RuntimeError(f"{name}: exit code {cost.exit_code}, not {exit_code}:\n{cost.said[-4000:]}")
    return _result(name, site, cost, site.asked(mark), least)


def _result(name: str, site: Site, cost: Cost, asked: Mapping[str, int], least: Cost) -> Result:
    return Result(
        name=name,
        seconds=cost.seconds,
        cpu_seconds=cost.cpu_seconds,
        peak_rss_bytes=cost.peak_rss_bytes,
        requests=asked,
        floor_seconds=least.seconds,
        floor_cpu_seconds=least.cpu_seconds,
        workloads=site.content.workloads,
        objects=objects(site.content.workloads),
    )


def _repaired(site: Site, made: Manifest) -> float:
    """Edit one object by hand; seconds until it is as it was."""
    where = f"/apis/apps/v1/namespaces/{made.key.namespace}/deployments/{made.key.name}"
    started = time.monotonic()
    edited = site.api.patch(where, {"metadata": {"labels": {EDITED: "edited"}}})
    while edited["metadata"]["labels"].get(EDITED) == "edited":
        if time.monotonic() - started > LONGEST_SECONDS:
            raise TimeoutError(f"{made.key} was not repaired in {LONGEST_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)
        edited = site.api.get(where) or edited
    return time.monotonic() - started


def _passed(program: Running, revision: str) -> float:
    """Seconds that the pass took which brought a revision: how long a commit waits to be polled is the operator's choice."""
    said = program.until(lambda said: bool(said["revision"] == revision))
    return float(said["seconds"])
