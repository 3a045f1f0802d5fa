"""Clusters and inventories that fail in the middle of a pass: who suffers, what is said, and what goes on."""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.integration.engine import Engine, actions, of, service
from tests.integration.git_server import wait_until
from yardarm_reconciler.cli.sessions import DirectorySession
from yardarm_reconciler.cli.wiring import SystemClock
from yardarm_reconciler.directory.cluster import DirectoryCluster
from yardarm_reconciler.loop import LONGEST_PASS, Binding, Memory, _woken, once, run
from yardarm_reconciler.model.change import Action, State, Sync
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.pipeline import Machinery, reconcile
from yardarm_reconciler.ports import Ancestry, Revision

API = "Service/nlp/api"


class Troubled:
    """A cluster or a store, some of whose methods do something else first."""

    def __init__(self, inner: object, **before: Callable[..., None]) -> None:
        self._inner, self._before = inner, before

    def __getattr__(self, name: str):
        method = getattr(self._inner, name)
        if name not in self._before:
            return method

        def troubled(*args: object, **options: object) -> object:
            self._before[name](*args)
            return method(*args, **options)

        return troubled


@pytest.fixture
def engine(tmp_path: Path):
    """A unit of two services, not synced yet."""
    with ThreadPoolExecutor(4) as pool:
        files = {f"workloads/{name}.yaml": service(name) for name in ("api", "web")}
        yield Engine(tmp_path / "dev", pool, files)


def turn(engine: Engine, around=lambda cluster: cluster, store=lambda inner: inner, **machinery: object):
    """One pass over a cluster and a store with troubles."""
    made = replace(Machinery(SystemClock(), engine.pool, "1"), **machinery)
    with engine.opened() as (cluster, journal):
        journal.store = store(journal.store)
        live = engine.live(around(cluster))
        return reconcile(engine.unit(), engine.desired(made), live, journal, made)


def silent(*_: object) -> None:
    """No answer."""
    raise TransientError("no answer")


def silent_about(name: str) -> Callable[..., None]:
    """No answer about the Deployment of that name, as where a webhook is down."""

    def fail(manifest: object, *_: object) -> None:
        key: Key = manifest.key
        if (key.kind, key.name) == ("Deployment", name):
            raise TransientError("no answer")

    return fail


def test_one_object_without_an_answer_fails_its_workload_alone(engine):
    """The cluster answers about everything else: the others are applied, and its state is unknown."""
    report = turn(engine, lambda cluster: Troubled(cluster, create=silent_about("api")))

    assert actions(report)["Deployment/web"] is Action.CREATED
    assert of(report, API).sync is Sync.UNKNOWN
    assert actions(engine.turn()) == {"Deployment/api": Action.CREATED}


def test_after_the_cluster_has_gone_nothing_more_is_tried(engine):
    """Each request would take the whole of its deadline."""
    asked = []

    def count(*args: object) -> None:
        asked.append(args)
        silent()

    report = turn(engine, lambda cluster: Troubled(cluster, create=count, identity=silent))

    assert len(asked) <= 4
    assert {each.sync for each in report.workloads} <= {Sync.UNKNOWN, Sync.OUT_OF_SYNC}


@pytest.mark.parametrize("error", [TransientError("no answer"), KeyboardInterrupt()])
def test_no_request_of_a_pass_that_ends_early_leaves_after_it(engine, error):
    """The inventory cannot be written in the middle: what is under way is waited for, nothing else begins."""
    engine.files |= {f"workloads/w{number}.yaml": service(f"w{number}") for number in range(8)}
    created: list[object] = []
    clock, ticks = SystemClock(), itertools.count(step=10)
    clock.monotonic = lambda: float(next(ticks))  # every settling is due

    def slowly(manifest: object) -> None:
        time.sleep(0.02)
        created.append(manifest)

    writes = itertools.count()

    def fail(*_: object) -> None:
        if created and next(writes) == 1:
            raise error

    with pytest.raises(type(error)):
        turn(
            engine,
            lambda cluster: Troubled(cluster, create=slowly),
            lambda inner: Troubled(inner, write=fail),
            clock=clock,
        )
    at_the_end = len(created)
    time.sleep(0.2)

    assert len(created) == at_the_end
    engine.turn()
    assert actions(engine.turn()) == {}


def test_what_was_done_is_reported_though_pods_cannot_be_read(engine):
    """No right to list pods: what was written is told, health is unknown, and the report says why."""

    def no_pods(selection: object) -> None:
        if selection.kind.kind == "Pod":
            silent()

    def healthy(cluster: object) -> Troubled:
        troubled = Troubled(cluster, list=no_pods)
        troubled.reports_health = True
        return troubled

    report = turn(engine, healthy)

    assert actions(report)["Deployment/api"] is Action.CREATED
    assert of(report, API).health.state is State.UNKNOWN
    assert report.error == "no answer"


# The loop ------------------------------------------------------------------------------------------


@dataclass
class Opened:
    """A session of the engine's directory, perhaps with troubles."""

    engine: Engine
    around: Callable[[object], object] = lambda cluster: cluster
    closed: int = 0

    @contextlib.contextmanager
    def __call__(self, pool: Executor):
        """Open it."""
        with self.engine.opened() as (cluster, journal):
            yield self.engine.live(self.around(cluster), pool), journal

    def close(self) -> None:
        """Count it."""
        self.closed += 1


class Repository:
    """A source of the engine's files."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def poll(self) -> Revision:
        """Always something new to read."""
        return Revision("f" * 40)

    def tree(self, revision: str):
        """The files as they are."""
        assert revision
        return self._engine.tree()

    def ancestry(self, old: str, new: str) -> Ancestry:
        """Nothing is known of what was before."""
        assert old != new
        return Ancestry.UNKNOWN

    def deepen(self) -> None:
        """There is no more."""

    def between(self, old: str, new: str, most: int) -> tuple[str, ...]:
        """As above."""
        assert old != new
        assert most
        return ()

    def unsigned(self, revision: str) -> str:
        """Nobody asks for signatures."""
        assert revision
        return ""


class Numbered(Repository):
    """One whose revisions are counted."""

    number = 1

    def poll(self) -> Revision:
        """The present one."""
        return Revision(f"{self.number:040}")

    def tree(self, revision: str):
        """The files as they are, under that name."""
        return replace(self._engine.tree(), revision=revision)


def test_a_bug_in_a_pass_is_reported_and_does_not_end_the_unit(engine):
    """An error that nobody thought of, on one commit: the next pass goes on."""

    def bug(*_: object) -> None:
        raise ZeroDivisionError("hunter2")

    memory, made = Memory(), Machinery(SystemClock(), engine.pool, "1")
    binding = Binding(engine.unit(), Repository(engine), Opened(engine), 1.0)
    broken = replace(binding, source=Troubled(binding.source, tree=bug))

    report = once(broken, made, memory)
    assert "ZeroDivisionError" in report.error
    assert "hunter2" not in report.error
    assert once(binding, made, memory).error == ""
    engine.files["workloads/new.yaml"] = service("new")
    assert "ZeroDivisionError" in once(broken, made, memory).error
    assert "Deployment/new" not in engine.objects()


def test_what_happens_in_a_cluster_asks_nothing_of_git(engine):
    """Drift is repaired at the revision that is followed: gates are looked at when the timer rings."""

    def never(*_: object) -> None:
        raise AssertionError("git was asked")

    memory, made = Memory(), Machinery(SystemClock(), engine.pool, "1")
    source = Numbered(engine)
    session = DirectorySession(DirectoryCluster(engine.directory), engine.directory, engine.unit())
    binding = Binding(engine.unit(), source, session, 1.0)
    once(binding, made, memory)
    engine.sync = {"windows": [{"deny": "* * * * *", "for": "1d"}]}
    source.number += 1
    assert "no window opens" in once(binding, made, memory).notes["behind"]
    for file in engine.directory.glob("*/Deployment.apps/api.yaml"):
        file.unlink()
    silent = Troubled(binding.source, poll=never, ancestry=never, between=never, unsigned=never, tree=never)
    report, _ = _woken(replace(binding, source=silent), made, memory)

    assert report is not None
    assert report.error == ""
    assert "Deployment/api" in engine.objects()


def test_a_unit_whose_cluster_hangs_does_not_slow_another(engine, tmp_path):
    """Each has threads of its own."""
    stop, hangs = threading.Event(), threading.Event()
    hung = Engine(tmp_path / "hung", engine.pool, engine.files)

    def hang(*_: object) -> None:
        hangs.wait(10)
        silent()

    units = [engine.unit(), replace(engine.unit(), id="u-1", environment="dev")]
    bindings = [
        Binding(units[0], Repository(hung), Opened(hung, lambda cluster: Troubled(cluster, list=hang)), 0.01),
        Binding(units[1], Repository(engine), Opened(engine), 60),
    ]
    told = []

    def emit(report: object) -> None:
        told.append(report)
        stop.set()
        hangs.set()
        for binding in bindings:
            binding.bell.ring()

    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        machinery = [Machinery(SystemClock(), pool, "1") for pool in (one, other)]
        run(bindings, machinery, stop, emit)

    assert [report.error for report in told] == ["", "no answer"]


def test_reports_that_nobody_can_read_stop_the_reconciler(engine):
    """Its log is a pipe whose reader is gone: it ends, rather than to go on unseen."""

    def gone(_: object) -> None:
        raise BrokenPipeError

    machinery = [Machinery(SystemClock(), engine.pool, "1")]
    binding = Binding(engine.unit(), Repository(engine), Opened(engine), 60)
    with pytest.raises(BrokenPipeError):
        run([binding], machinery, threading.Event(), gone)


def test_a_unit_says_when_it_will_be_back(engine):
    """Whoever asks whether the program lives compares with that: a pass has its time, and so has the wait after it."""
    clock, stop, told = SystemClock(), threading.Event(), []
    binding = Binding(engine.unit(), Repository(engine), Opened(engine), 60)
    machinery = [Machinery(clock, engine.pool, "1")]

    def emit(_: object) -> None:
        told.append(binding.bell.late(clock.monotonic()))

    running = threading.Thread(target=run, args=([binding], machinery, stop, emit))
    running.start()
    waits = wait_until(lambda: -67 < binding.bell.late(clock.monotonic()) < -53, 10)
    stop.set()
    binding.bell.ring()
    running.join()

    assert waits
    assert -LONGEST_PASS < told[0] < 60 - LONGEST_PASS
