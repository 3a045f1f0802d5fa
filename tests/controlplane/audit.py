"""The audit log as the tests' oracle: what was really asked of the API server, by whom, and what it said."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from tests.controlplane.client import Api
from tests.controlplane.waiting import wait_until

WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
MARKER = b"audit-mark-"


@dataclass(frozen=True, slots=True)
class Request:
    """One answered request. Server-side apply is the verb `patch`; a POST's name is empty.

    `dry_run` is read from the URL: one that is asked for in a DELETE's body does not show.
    """

    verb: str
    user: str
    impersonated: str  # empty unless the user acted as another
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    dry_run: bool
    code: int
    uri: str
    user_agent: str

    @property
    def wrote(self) -> bool:
        """Whether it changed something, or at least was a real write that the server accepted."""
        return self.verb in WRITES and not self.dry_run and self.code < 300


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests in the order of their answers; each filter returns fewer of them."""

    items: tuple[Request, ...]

    def __iter__(self) -> Iterator[Request]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def by(self, user: str) -> "Requests":
        """Those sent by a user, as itself or as another."""
        return Requests(tuple(each for each in self if each.user == user))

    def as_user(self, user: str) -> "Requests":
        """Those that had a user's rights: the impersonated user, or else the sender."""
        return Requests(tuple(each for each in self if (each.impersonated or each.user) == user))

    def verb(self, *verbs: str) -> "Requests":
        """Those with one of some verbs: get, list, watch, create, update, patch, delete, deletecollection."""
        return Requests(tuple(each for each in self if each.verb in verbs))

    def writes(self) -> "Requests":
        """Accepted writes that were not dry runs."""
        return Requests(tuple(each for each in self if each.wrote))

    def dry_runs(self) -> "Requests":
        """Dry runs, accepted or not."""
        return Requests(tuple(each for each in self if each.dry_run))

    def about(self, resource: str, *, group: str = "", namespace: str = "", name: str = "") -> "Requests":
        """Those about a resource such as `deployments` of group `apps`; an empty namespace or name is any."""
        return Requests(
            tuple(
                each
                for each in self
                if (each.resource, each.group) == (resource, group)
                and namespace in ("", each.namespace)
                and name in ("", each.name)
            )
        )


@dataclass(frozen=True, slots=True)
class AuditLog:
    """One environment's audit log.

    Take a mark, let something happen, then ask for the requests since. Both flush first: a request
    of our own is sent and waited for in the file. A request whose client died may be logged later.
    """

    file: Path
    api: Api

    def mark(self) -> int:
        """Return the offset in bytes after everything that has been answered so far."""
        return self._flush()

    def since(self, mark: int) -> Requests:
        """Return what was answered after a mark, without the requests that this class sends.

        Raises:
            NotReadyError: our own request did not appear in the log within 60 seconds.
        """
        end = self._flush()
        lines = self._read(mark)[: end - mark].splitlines()
        return Requests(tuple(parse(orjson.loads(line)) for line in lines if MARKER not in line))

    def _flush(self) -> int:
        """Send a request that nobody else sends; return the offset after its line, once that is written."""
        name = MARKER + secrets.token_hex(8).encode()
        before = self.file.stat().st_size
        self.api.get(f"/api/v1/namespaces/{name.decode()}")
        wait_until(f"{name.decode()} in {self.file}", lambda: b"\n" in self._read(before).partition(name)[2])
        content = self._read(before)
        return before + content.index(b"\n", content.index(name)) + 1

    def _read(self, offset: int) -> bytes:
        with self.file.open("rb") as log:
            log.seek(offset)
            return log.read()


def parse(event: dict[str, Any]) -> Request:
    """Return an audit event (audit.k8s.io/v1) as a Request."""
    about = event.get("objectRef", {})
    uri = event["requestURI"]
    return Request(
        verb=event["verb"],
        user=event["user"]["username"],
        impersonated=event.get("impersonatedUser", {}).get("username", ""),
        group=about.get("apiGroup", ""),
        resource=about.get("resource", ""),
        subresource=about.get("subresource", ""),
        namespace=about.get("namespace", ""),
        name=about.get("name", ""),
        dry_run="All" in parse_qs(urlsplit(uri).query).get("dryRun", []),
        code=event.get("responseStatus", {}).get("code", 0),
        uri=uri,
        user_agent=event.get("userAgent", ""),
    )
