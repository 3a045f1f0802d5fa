"""Who may write to a cluster: one Lease, held by one process at a time, and a fence for what it sends.

All is counted on the holder's own monotonic clock. A holder counts its time from *before* it asked for a renewal;
another process waits the whole time after it has *seen* one. So the first has stopped before the second begins,
whatever their wall clocks say, and every request of the first had its deadline within its time.
https://kubernetes.io/docs/concepts/architecture/leases/
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import orjson

from yardarm_reconciler.kube.process import alive, identity, shown
from yardarm_reconciler.kube.store import make_namespace
from yardarm_reconciler.kube.transport import Answer, Request, Transport
from yardarm_reconciler.model.origin import HeldElsewhereError, TransientError, UserError
from yardarm_reconciler.model.trace import without_values
from yardarm_reconciler.ports import Clock

NAME = "yardarm"
UNITS = "yardarm.dev/units"
"""Annotation of the lease: when each environment was last looked at, at which revision."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The times of a lease in seconds.

    It lasts so long without being renewed, which is what a crash on another machine costs; within a margin at its
    end nothing is sent any more; who wants it looks so often; and the API server has so long for each answer.
    """

    lasts: float = 15.0
    renewed_every: float = 5.0
    margin: float = 1.0
    looks_every: float = 1.0
    answered_within: float = 3.0


USUAL = Terms()

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """The lease as it was found: by whom it is held and until when, as far as that can be known here."""

    version: str
    holder: str
    renewed: str
    lasts: float
    transitions: int


class Lease:
    """One cluster's lease, as one process wants it.

    Args:
        transport: the API server; of its own, since what it sends is not fenced.
        namespace: where the lease lies; made where it is missing.
        clock: monotonic time for everything that counts.
        wake: called, from the lease's own thread, whenever it is won or lost.
        terms: its times.
    """

    def __init__(
        self,
        transport: Transport,
        namespace: str,
        clock: Clock,
        wake: Callable[[], None],
        terms: Terms = USUAL,
    ) -> None:
        self.me = identity()
        self._terms = terms
        self._transport = transport
        self._namespace = namespace
        self._clock = clock
        self._wake = wake
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._until = 0.0
        self._term = 0
        self._found: _Found | None = None
        self._since = 0.0
        self._units: dict[str, Mapping[str, str]] = {}
        self._noted = threading.Lock()

    # What its users ask ----------------------------------------------------------------------------

    def left(self) -> float:
        """Seconds for which what is sent now is sure to be ours to send; nothing or less where it is not."""
        return self._until - self._terms.margin - self._clock.monotonic()

    def term(self) -> int:
        """How often this process has won the lease: what was known in an earlier term may not be true any more.

        Raises:
            HeldElsewhereError: another process holds it, or it was lost.
        """
        if self.left() <= 0:
            raise HeldElsewhereError(self._holder())
        return self._term

    def note(self, environment: str, revision: str, now: datetime) -> None:
        """Say, with the next renewal, that an environment was looked at."""
        with self._noted:
            at = now.astimezone(UTC).isoformat(timespec="seconds")
            self._units[environment] = {"revision": revision, "checked": at}

    def keep(self) -> None:
        """Win it and keep it, in a thread of its own, until :meth:`close`. May be called again."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)
                self._thread.start()

    def take(self) -> None:
        """Win it now, and keep it; wait no longer than it takes to see that its holder is alive.

        Raises:
            HeldElsewhereError: another process holds it, and renews it.
            TransientError: the API server did not answer.
            UserError: we have no right to.
        """
        first: _Found | None = None
        while self.left() <= 0:
            if self._attempt():
                break
            found = self._found
            if first and found and (found.holder, found.renewed) != (first.holder, first.renewed):
                raise HeldElsewhereError(self._holder())
            first = first or found
            self._clock.sleep(self._terms.looks_every)
        self.keep()

    def close(self) -> None:
        """Let it go, so that another process need not wait; may be called twice."""
        self._ended.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        with self._lock:
            if self.left() > 0:
                self._until = 0.0
                self._release()
        self._transport.close()

    # How it is kept --------------------------------------------------------------------------------

    def _keep(self) -> None:
        while not self._ended.is_set():
            held = self.left() > 0
            try:
                self._attempt()
            except (TransientError, UserError) as error:
                LOG.warning("the lease of the cluster: %s", error)
            except Exception as error:  # noqa: BLE001 - a bug on one answer must not leave the cluster without a writer
                _bug(error)
            if held != (self.left() > 0):
                self._wake()
            self._ended.wait(self._terms.renewed_every if self.left() > 0 else self._terms.looks_every)

    def _attempt(self) -> bool:
        """Ask once for the lease or its renewal; whether it is ours."""
        with self._lock:
            asked = self._clock.monotonic()
            found = self._read()
            if found is None:
                answer = self._send("POST", self._body(None, 0, taken=True))
                if answer.status == HTTPStatus.NOT_FOUND:
                    make_namespace(self._transport, self._namespace)
                    answer = self._send("POST", self._body(None, 0, taken=True))
                return self._won(answer, asked)
            if found.holder == self.me:
                return self._won(self._send("PUT", self._body(found, found.transitions, taken=False)), asked)
            if self._is_free(found):
                return self._won(
                    self._send("PUT", self._body(found, found.transitions + 1, taken=True)), asked
                )
            return False

    def _is_free(self, found: _Found) -> bool:
        """Whether nobody holds it: it was let go, its process is gone, or it was not renewed while we watched."""
        now = self._clock.monotonic()
        before = self._found
        if before is None or (before.holder, before.renewed) != (found.holder, found.renewed):
            self._found, self._since = found, now
        return (
            not found.holder
            or not alive(found.holder)
            or now - self._since > found.lasts + self._terms.margin
        )

    def _won(self, answer: Answer, asked: float) -> bool:
        """Take note of the answer to an attempt that was begun at a time."""
        if answer.accepted:
            if self._until <= asked:
                self._term += 1
            self._until = asked + self._terms.lasts
            return True
        if answer.status != HTTPStatus.CONFLICT:
            raise _refused("write", answer, self._namespace)
        return False  # somebody else was faster, or an answer was lost: the next look will tell

    def _release(self) -> None:
        try:
            found = self._read()
            if found is not None and found.holder == self.me:
                body = self._body(found, found.transitions, taken=False)
                body["spec"]["holderIdentity"] = ""
                self._send("PUT", body)
        except (TransientError, UserError) as error:
            LOG.warning("the lease of the cluster is not let go, and runs out by itself: %s", error)

    def _holder(self) -> str:
        return shown(self._found.holder) if self._found and self._found.holder else "nobody yet"

    # The object ------------------------------------------------------------------------------------

    def _read(self) -> _Found | None:
        answer = self._transport.ask(Request("GET", self._path(NAME)), self._terms.answered_within)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if not answer.accepted:
            raise _refused("read", answer, self._namespace)
        metadata, spec = answer.body["metadata"], answer.body.get("spec") or {}
        return _Found(
            metadata["resourceVersion"],
            spec.get("holderIdentity") or "",
            spec.get("renewTime") or "",
            float(spec.get("leaseDurationSeconds") or self._terms.lasts),
            int(spec.get("leaseTransitions") or 0),
        )

    def _body(self, found: _Found | None, transitions: int, *, taken: bool) -> dict[str, Any]:
        now = self._clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        with self._noted:
            units = orjson.dumps(self._units, option=orjson.OPT_SORT_KEYS).decode()
        metadata: dict[str, Any] = {
            "name": NAME,
            "namespace": self._namespace,
            "annotations": {UNITS: units},
        }
        if found is not None:
            metadata["resourceVersion"] = found.version
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": self.me,
                "leaseDurationSeconds": math.ceil(self._terms.lasts),
                "renewTime": now,
                "leaseTransitions": transitions,
                **({"acquireTime": now} if taken else {}),
            },
        }

    def _send(self, method: str, body: Mapping[str, Any]) -> Answer:
        path = self._path("" if method == "POST" else NAME)
        return self._transport.ask(
            Request(method, path, {"fieldManager": "yardarm"}, body), self._terms.answered_within
        )

    def _path(self, name: str) -> str:
        return lease_path(self._namespace, name)


def lease_path(namespace: str, name: str = NAME) -> str:
    """URL path of a cluster's lease, or of the collection where ``name`` is empty."""
    collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
    return f"{collection}/{name}" if name else collection


def _bug(error: Exception) -> None:
    LOG.error("a bug in Yardarm\n%s", without_values(error))


def looked_at(transport: Transport, namespace: str) -> Mapping[str, Mapping[str, str]]:
    """By environment, when the holder of a cluster's lease last looked at it and at which revision; nothing where none is.

    Raises:
        TransientError: it cannot be read.
    """
    answer = transport.ask(Request("GET", lease_path(namespace)))
    annotations = (answer.body.get("metadata") or {}).get("annotations") or {} if answer.accepted else {}
    try:
        found = orjson.loads(annotations.get(UNITS, "{}"))
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _refused(verb: str, answer: Answer, namespace: str) -> UserError | TransientError:
    if answer.status == HTTPStatus.FORBIDDEN:
        return UserError(
            f"the cluster does not let us {verb} leases of coordination.k8s.io in {namespace}", exit_code=2
        )
    return TransientError(f"cannot {verb} the cluster's lease (answer {answer.status})")
