"""LIST, then WATCH: what happens to some selections of an API server, each in a thread of its own.

A watch tells what happened as long as its connection lives and its place in history is kept. In all other cases the
selection is listed anew: after an answer of 410, after a connection that broke or ended before its time, and after a
silence that is longer than the API server's bookmarks are apart. A list that is older than what was seen before means
that the cluster came back from a backup: a watch from a version in its future would be silent for ever.
https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from yardarm_reconciler.kube.discovery import Resource
from yardarm_reconciler.kube.fields import see
from yardarm_reconciler.kube.listing import UnservedError, query, read
from yardarm_reconciler.kube.retries import Jitter
from yardarm_reconciler.kube.transport import Request, Stream, Transport
from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.model.versions import older
from yardarm_reconciler.ports import Changed, Event, Removed, Restored, Selection, Unserved

SILENCE_SECONDS = 90.0
"""Without a byte for so long a watch is dead: bookmarks come every minute.

https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/storage/cacher/cacher.go
"""

SHORTEST_SECONDS, LONGEST_SECONDS = 240, 420
"""How long a watch is asked to last; drawn anew each time, so that many do not end at once."""

SETTLED_SECONDS = 10.0
"""A watch that lasted so long was a good one: after it nothing is held back."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 30.0
"""Before a list after failures in a row; doubled each time."""

LONGEST_BEHIND_SECONDS = 5.0
"""The same where lists are answered, but watches break: whoever needs the selection waits for it."""

PATIENCE_SECONDS = 40.0
"""How long a first list may take: longer than the deadline of its request."""


class Watches:
    """Feeds from an API server's watches. Its methods are for one thread.

    Args:
        transport: the API server.
        resource: how a kind is addressed.
        wake: called whenever something has happened; in the threads of the watches.
        jitter: ``lambda longest: random.uniform(0, longest)``.
    """

    continuous = True

    def __init__(
        self,
        transport: Transport,
        resource: Callable[[GroupKind], Resource | None],
        wake: Callable[[], None],
        jitter: Jitter,
    ) -> None:
        self._transport = transport
        self._resource = resource
        self._wake = wake
        self._jitter = jitter
        self._feeds: dict[Selection, _Feed] = {}
        self.generation = 0
        self._happened: list[Event] = []
        self._change = threading.Condition()

    def follow(self, selections: AbstractSet[Selection]) -> None:
        """Open watches on what is new, close those on what is left out."""
        for selection in self._feeds.keys() - selections:
            self._feeds.pop(selection).end()
        for selection in sorted(selections - self._feeds.keys()):
            self._feeds[selection] = _Feed(selection, self)
            self._feeds[selection].start()

    def expect(self, selections: AbstractSet[Selection]) -> None:
        """Open watches on these."""
        self.follow(selections)

    def drain(self, needed: AbstractSet[Selection]) -> Sequence[Event]:
        """All that happened, once each of ``needed`` is read.

        Raises:
            TransientError: one of them cannot be read now.
        """
        with self._change:
            feeds = [self._feeds[selection] for selection in needed]
            if not self._change.wait_for(
                lambda: all(feed.standing is not _Standing.BEHIND for feed in feeds), PATIENCE_SECONDS
            ):
                raise TransientError("the API server does not answer")
            troubled = next((feed for feed in feeds if feed.trouble), None)
            if troubled is not None:
                raise TransientError(troubled.trouble)
            happened, self._happened = self._happened, []
        return tuple(each for each in happened if isinstance(each, Restored) or each.selection in self._feeds)

    def close(self) -> None:
        """End all watches, and wait for their threads."""
        ended = list(self._feeds.values())
        self.follow(frozenset())
        for feed in ended:
            feed.join()

    # In the threads of the feeds --------------------------------------------------------------------

    def ask_for(self, selection: Selection) -> tuple[Transport, Resource]:
        """What a feed asks with. Raises UnservedError."""
        resource = self._resource(selection.kind)
        if resource is None:
            raise UnservedError(f"cannot watch {selection.kind}: the cluster does not serve it")
        return self._transport, resource

    def wait_seconds(self, failures: int, longest: float) -> float:
        """How long a feed holds back after some failures in a row."""
        longest = min(longest, FIRST_WAIT_SECONDS * 2.0 ** min(failures - 1, 16))
        return longest / 2 + self._jitter(longest / 2)

    def lasting_seconds(self) -> int:
        """How long the next watch shall last."""
        return round(SHORTEST_SECONDS + self._jitter(LONGEST_SECONDS - SHORTEST_SECONDS))

    def tell(self, generation: int, event: Event, read: _Feed | None = None) -> None:
        """Hand on what happened; what was seen before the cluster was restored is no news any more.

        With ``read`` that feed knows all of its selection from now on.
        """
        with self._change:
            if generation != self.generation:
                return
            self._happened.append(event)
            if read is not None:
                read.standing, read.trouble = _Standing.CURRENT, ""
            self._change.notify_all()
        self._wake()

    def stand(self, feed: _Feed, standing: _Standing, trouble: str = "") -> None:
        """A feed does not know its selection now."""
        with self._change:
            feed.standing, feed.trouble = standing, trouble
            self._change.notify_all()

    def restored(self, generation: int) -> None:
        """A feed has found out: what was known is of no use, to the others either."""
        with self._change:
            if generation != self.generation:
                return
            self.generation += 1
            self._happened = [Restored()]
            for feed in self._feeds.values():
                feed.standing = _Standing.BEHIND
                feed.hang_up()


class _Standing(enum.Enum):
    """What a feed knows of its selection."""

    BEHIND = "behind"
    """What was heard last need not be true any more; it is about to be read."""
    CURRENT = "current"
    TROUBLED = "troubled"
    """It cannot be read now."""
    UNSERVED = "unserved"


@dataclass(slots=True)
class _Feed:
    """One selection's list and watch, and what its thread is at."""

    selection: Selection
    watches: Watches
    standing: _Standing = _Standing.BEHIND
    trouble: str = ""
    _version: str = ""
    _generation: int = -1
    _lists: int = 0
    _stream: Stream | None = None
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    # For the thread of the watches' owner ------------------------------------------------------------

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=f"watch {self.selection.kind}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self.hang_up()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def hang_up(self) -> None:
        stream = self._stream
        if stream is not None:
            stream.end()

    # Its own thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._ended.is_set():
            started = time.monotonic()
            try:
                self._list()
                self._watch()
                self.watches.stand(self, _Standing.BEHIND)
            except UnservedError:
                self.watches.stand(self, _Standing.UNSERVED)
                self.watches.tell(self.watches.generation, Unserved(self.selection))
            except TransientError as error:
                self.watches.stand(self, _Standing.TROUBLED, str(error))
            except Exception as error:  # noqa: BLE001 - an object that nobody thought of must not end a watch for ever
                why = f"a bug in Yardarm ({type(error).__name__}) while watching {self.selection.kind}"
                self.watches.stand(self, _Standing.TROUBLED, why)
            failures = 1 if time.monotonic() - started >= SETTLED_SECONDS else failures + 1
            longest = LONGEST_BEHIND_SECONDS if self.standing is _Standing.BEHIND else LONGEST_WAIT_SECONDS
            self._ended.wait(self.watches.wait_seconds(failures, longest) if failures > 1 else 0)

    def _list(self) -> None:
        """Read the whole selection; what was known before must not be newer."""
        generation = self.watches.generation
        transport, resource = self.watches.ask_for(self.selection)
        listed = read(transport, resource, self.selection)
        if generation == self._generation and older(listed.version, self._version):
            self.watches.restored(generation)
            generation = self.watches.generation
        self._version, self._generation = listed.version, generation
        again = self._lists > 0
        self._lists += 1
        self.watches.tell(generation, replace(listed, again=again), read=self)

    def _watch(self) -> None:
        """Watch until its place is lost: the next thing is a list."""
        while not self._ended.is_set():
            lasting = self.watches.lasting_seconds()
            started = time.monotonic()
            if not self._watch_once(lasting) or time.monotonic() - started < lasting - 1:
                return

    def _watch_once(self, lasting: int) -> bool:
        """One watch to its end; whether its place in history is kept."""
        transport, resource = self.watches.ask_for(self.selection)
        asked = query(self.selection) | {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(lasting),
        }
        request = Request("GET", resource.path(self.selection.namespace), asked)
        answer = transport.stream(request, SILENCE_SECONDS)
        if not isinstance(answer, Stream):
            if answer.status == HTTPStatus.NOT_FOUND:
                raise UnservedError(f"cannot watch {self.selection.kind}: the cluster does not serve it")
            if answer.status == HTTPStatus.GONE:
                return False
            raise TransientError(f"cannot watch {self.selection.kind} (answer {answer.status})")
        self._stream = answer
        if self._ended.is_set() or self._generation != self.watches.generation:
            answer.end()
        try:
            return all(self._hear(each, resource) for each in answer.lines())
        except TransientError:
            return False
        finally:
            self._stream = None

    def _hear(self, event: Mapping[str, Any], resource: Resource) -> bool:
        """One event of the watch; False where it has lost its place."""
        kind, live = event["type"], event["object"]
        if kind == "ERROR":
            return False
        self._version = str(live["metadata"]["resourceVersion"])
        if kind == "BOOKMARK":
            return True
        if kind == "DELETED":
            self.watches.tell(self._generation, _removed(self.selection, live["metadata"]))
        else:
            seen = see(live, self.selection.kind, resource.api_version())
            self.watches.tell(self._generation, Changed(self.selection, seen))
        return True


def _removed(selection: Selection, metadata: Mapping[str, Any]) -> Removed:
    kind = selection.kind
    return Removed(
        selection,
        Key(kind.group, kind.kind, metadata.get("namespace", ""), metadata["name"]),
        metadata["uid"],
        str(metadata["resourceVersion"]),
        deleting="deletionTimestamp" in metadata,
    )
