"""The demo: a config repository, its environments, and what becomes of commits, drift, mistakes and accidents."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.tour import PromiseBrokenError, Tour, make_tour

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".demo"
EXAMPLES = ("01-agent-ui", "02-model-server", "03-sharded-embedding", "04-etl")
"""Those that need nothing which is not in git: no model in a claim, no Secret, no other project's kinds."""

OWN_SPECS = ("yardarm.yaml", "environments", *(f"examples/{name}" for name in EXAMPLES))

SETTINGS = """\
# The operator's file: which environment follows which repository, and what is behind it. It lies outside of git.
apiVersion: settings.yardarm.dev/v1alpha1
kind: Settings
stateDir: state
sources:
  models: {{path: models}}
clusters:
{clusters}
units:
{units}
"""

QWEN = "examples/02-model-server/qwen3-8b.yaml"
ASSISTANT = "examples/01-agent-ui/assistant-api.yaml"
INGEST = "examples/04-etl/ingest-docs.yaml"
NOTHING_WRITTEN = r"^✓ \d+ unchanged in"


@dataclass(frozen=True, slots=True)
class World:
    """What the environments are made of, and how somebody changes one of them by hand.

    ``clusters`` has, by environment, the name of its cluster and what the settings say that it is.
    """

    clusters: dict[str, tuple[str, str]]
    edit_by_hand: Callable[[Tour], None]
    wait: tuple[str, ...] = ()
    programs: tuple[Path, ...] = ()
    gpus: Callable[[Tour], None] | None = None


def main(arguments: Sequence[str]) -> int:
    """Give the tour; the exit code is 0 only if every step did what was said of it."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--cluster", choices=["directory", "kubernetes"], default="directory")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: what was started is stopped
    started = time.monotonic()
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_alone_in(HOME))
            world = _directories() if options.cluster == "directory" else stack.enter_context(_kubernetes())
            _tell(world, started)
    except PromiseBrokenError as broken:
        sys.stderr.write(f"\n✗ the demo went wrong: {broken}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped\n")
        return 128 + signal.SIGINT
    return 0


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """An empty folder, in place of what an earlier demo left, that no other demo uses meanwhile."""
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PromiseBrokenError(
                f"another demo works in {folder}: wait for its end, or stop it"
            ) from None
        _clear(folder)
        yield
    finally:
        os.close(descriptor)


def _clear(folder: Path) -> None:
    """Remove what a folder holds, where git may still be tidying up."""
    for _ in range(50):
        for each in folder.iterdir():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each, ignore_errors=True)
            else:
                each.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            return
        time.sleep(0.1)
    raise PromiseBrokenError(f"{folder} is in use: stop what works in it, and try again")


def _directories() -> World:
    """Every environment is a directory of manifests."""
    names = {"dev": "dev", "staging": "staging-eu", "production": "prod-eu"}
    clusters = {each: (name, f"{{directory: clusters/{name}}}") for each, name in names.items()}
    manifest = "../clusters/dev/agents-dev/Deployment.apps/assistant-api.yaml"
    return World(clusters, lambda tour: _edit(tour, manifest, "replicas: 1", "replicas: 5"))


@contextlib.contextmanager
def _kubernetes() -> Iterator[World]:
    """Every environment is a real API server with its controllers and scheduler; only nodes and pods are pretended."""
    from scripts.demo_clusters import started  # noqa: PLC0415 - needs what only tests need

    with started(HOME, {"dev": "dev", "staging": "staging-eu"}) as clusters:
        yield World(
            clusters.settings,
            clusters.edit_by_hand,
            wait=("--wait",),
            programs=(clusters.programs,),
            gpus=clusters.show_gpus,
        )


def _tell(world: World, started: float) -> None:
    repository = HOME / "models"
    settings = HOME / "settings.yaml"
    settings.write_text(_settings(world), encoding="utf-8")
    tour = make_tour(repository, settings, [*world.programs, Path(sys.executable).parent])
    began = time.monotonic()
    _found(tour, repository)
    _bring_up(tour, world)
    _second_pass(tour, world)
    if world.gpus:
        world.gpus(tour)
    _drift(tour, world)
    _removal(tour)
    _accident(tour)
    _mistake(tour)
    _farewell(tour, world, began - started, time.monotonic() - began)


def _settings(world: World) -> str:
    clusters = "\n".join(f"  {name}: {what}" for name, what in world.clusters.values())
    units = "\n".join(
        f"  - {{id: u-{each}, environment: {each}, source: models, cluster: {name}, bootstrap: {{runs: run}}}}"
        for each, (name, _) in world.clusters.items()
    )
    return SETTINGS.format(clusters=clusters, units=units)


def _found(tour: Tour, repository: Path) -> None:
    """The config repository: this project's own."""
    tour.step(
        "A config repository: teams and environments as the platform writes them, six workloads of three teams."
    )
    repository.mkdir()
    for name in OWN_SPECS:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, repository / name)
    tour.say("$ cd .demo/models\n$ export YARDARM_CONFIG=../settings.yaml")
    tour.run("git", "init", "--quiet", "--initial-branch=main")
    tour.run("git", "add", ".")
    _commit(tour, "Assistant, models, embeddings and ingest")
    tour.yardarm("validate", says=[r"^✓ \d+ specs, 4 environments, .* rendered"])


def _bring_up(tour: Tour, world: World) -> None:
    """The first pass over each environment."""
    tour.step(
        "Each environment follows the commit: one command each, or `yardarm run` for all of them, for ever."
    )
    syncs = [("yardarm", "sync", "-e", each, *world.wait) for each in world.clusters]
    tour.run_all(*syncs, says=[r"^✓ \d+ created", r"Deployment/qwen3-8b +created"], lines=6)
    last = list(world.clusters)[-1]
    tour.step("What runs, and the devices and the money that each team takes of its budget.")
    tour.yardarm("status", "-e", last, says=["DEVICES", r"^  nlp .* \d+/\d+"])


def _second_pass(tour: Tour, world: World) -> None:
    """Nothing is written twice."""
    tour.step("A second pass over the same commit writes nothing.")
    tour.run_all(*(("yardarm", "sync", "-e", each) for each in world.clusters), says=[NOTHING_WRITTEN])


def _drift(tour: Tour, world: World) -> None:
    """Somebody edits by hand; it is seen, told from a change in git, and repaired."""
    tour.step("Somebody edits a Deployment by hand. It is seen, told apart from a commit, and repaired.")
    world.edit_by_hand(tour)
    tour.yardarm("diff", "-e", "dev", code=1, says=[r"Deployment assistant-api +drift", r"replicas +5 → 1"])
    tour.yardarm(
        "sync", "-e", "dev", says=[r"Deployment/assistant-api +configured +\(drift", "✓ 1 configured"]
    )


def _removal(tour: Tour) -> None:
    """One spec goes, and with it all but its data."""
    tour.step("A spec is removed, and its objects go; but data go only after a yes to exactly these.")
    tour.run("git", "rm", "--quiet", INGEST)
    _commit(tour, "Retire the ingest job")
    said = tour.yardarm(
        "sync", "-e", "dev", says=[r"Job/ingest-docs-\w+ +deleted", r"Claim/ingest-docs-state +held"]
    )
    tour.yardarm("confirm", _digest(said), "-e", "dev", says=["confirmed until"])
    tour.yardarm("sync", "-e", "dev", says=[r"Claim/ingest-docs-state +deleted"])


def _accident(tour: Tour) -> None:
    """Everything is removed by mistake; nothing goes."""
    tour.step("Somebody tidies up and removes every spec. Nothing goes: that is for a person to say.")
    tour.run("git", "rm", "-r", "--quiet", "examples")
    _commit(tour, "Tidy up")
    tour.yardarm(
        "sync",
        "-e",
        "dev",
        code=3,
        says=["prune held: all", "yardarm confirm [0-9a-f]{12} -e dev", "nothing was deleted"],
    )
    tour.run("git", "revert", "--no-edit", "HEAD", lines=2)
    tour.yardarm("sync", "-e", "dev", says=[NOTHING_WRITTEN])


def _mistake(tour: Tour) -> None:
    """A spec breaks; it alone is held."""
    tour.step(
        "A typo. `validate` names the line and the fix; merged all the same, it holds that workload and no other."
    )
    _edit(tour, QWEN, "accelerator: t4-16gb:1", "accelerator: t4-16g:1")
    _edit(tour, ASSISTANT, 'TOOL_BUDGET_SECONDS: "45"', 'TOOL_BUDGET_SECONDS: "60"')
    tour.yardarm(
        "validate",
        code=1,
        says=[rf"^{QWEN}:\d+:\d+: error\[accelerator/unknown-class\]", 'did you mean "t4-16gb"'],
    )
    _commit(tour, "A longer budget for tools, and another GPU")
    tour.yardarm(
        "sync",
        "-e",
        "dev",
        code=1,
        says=[r"Deployment/assistant-api +configured", r"nlp/qwen3-8b +held", "1 workload held"],
    )
    tour.say("Put right:")
    _edit(tour, QWEN, "accelerator: t4-16g:1", "accelerator: t4-16gb:1")
    _commit(tour, "The GPU that was meant")
    tour.yardarm("sync", "-e", "dev", says=[NOTHING_WRITTEN])


def _farewell(tour: Tour, world: World, preparing: float, seconds: float) -> None:
    more = [
        "cd .demo/models && export YARDARM_CONFIG=../settings.yaml",
        "edit a spec below examples/, and: ../../.venv/bin/yardarm validate",
        "../../.venv/bin/yardarm render -e production nlp/qwen3-8b",
        "../../.venv/bin/yardarm explain budget/team-exceeded",
    ]
    if not world.gpus:
        more.append("../../.venv/bin/yardarm run       and commit in another terminal")
        more.append("scripts/demo --cluster kubernetes  the same on real API servers, with GPU nodes")
    prepared = f", after {preparing:.0f} s to start the clusters" if world.gpus else ""
    tour.say(f"\n✓ all of it did what was said, in {seconds:.0f} s{prepared}. To try next:")
    for line in more:
        tour.say(f"    {line}")


def _edit(tour: Tour, path: str, old: str, new: str) -> None:
    """Change one line of a file, as `sed` does it."""
    tour.run("sed", "-i", f"s/{old}/{new}/", path)
    if new not in (tour.directory / path).read_text(encoding="utf-8"):
        raise PromiseBrokenError(f"{path} has no {old!r}")


def _commit(tour: Tour, message: str) -> None:
    tour.run("git", "commit", "--quiet", "--all", "--message", message)


def _digest(said: str) -> str:
    """What the program told to confirm."""
    found = re.search(r"yardarm confirm ([0-9a-f]{12})", said)
    if not found:
        raise PromiseBrokenError(f"it did not say how to confirm:\n{said}")
    return found[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
