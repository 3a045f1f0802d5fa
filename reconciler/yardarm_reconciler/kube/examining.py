"""What an API server says of itself and of us, for who looks why something does not work here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from yardarm_reconciler.kube.discovery import Discovery, discover
from yardarm_reconciler.kube.lease import lease_path
from yardarm_reconciler.kube.transport import Answer, Request, Transport
from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.model.rights import Right
from yardarm_reconciler.ports import Clock

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_OURSELVES = "/apis/authentication.k8s.io/v1/selfsubjectreviews"

PATIENCE = 5.0
"""Seconds for an answer: whoever asks what is wrong wants to be told, not to wait for it to pass."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Which process has the lease of a cluster, and until when, by its own clock."""

    name: str
    until: datetime


class Examiner:
    """Asks one API server. Nothing is written by that."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock

    def version(self) -> str:
        """The server's version, such as ``v1.37.2``.

        Raises:
            TransientError: it does not say.
        """
        return str(self._ask(Request("GET", "/version")).body.get("gitVersion", ""))

    def ahead(self) -> timedelta | None:
        """How far the server's clock is ahead of ours, to a second; None where it does not tell the time.

        Raises:
            TransientError: it does not answer.
        """
        before = self._clock.now()
        answer = self._ask(Request("GET", "/version"))
        between = before + (self._clock.now() - before) / 2
        try:
            return parsedate_to_datetime(answer.date) - between
        except (ValueError, TypeError):
            return None

    def account(self) -> str:
        """By which name the server knows us; empty where it does not say."""
        review = Request("POST", _OURSELVES, body=_review({}, "authentication"))
        answer = self._transport.ask(review, PATIENCE)
        if not answer.accepted:
            return ""
        return str(((answer.body.get("status") or {}).get("userInfo") or {}).get("username", ""))

    def holder(self, namespace: str) -> Holder | None:
        """Who has the cluster's lease; None where nobody has ever had one, or it was let go of.

        Raises:
            TransientError: it cannot be read.
        """
        answer = self._transport.ask(Request("GET", lease_path(namespace)), PATIENCE)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        spec = _accepted(answer, "read the lease").body.get("spec") or {}
        if not (spec.get("holderIdentity") and spec.get("renewTime")):
            return None
        lasts = timedelta(seconds=float(spec.get("leaseDurationSeconds") or 0))
        return Holder(spec["holderIdentity"], datetime.fromisoformat(spec["renewTime"]) + lasts)

    def served(self) -> Discovery:
        """What the server serves. Raises TransientError."""
        return discover(self._transport)

    def lacking(self, rights: Iterable[Right], served: Discovery, pool: Executor) -> list[Right]:
        """Those of some rights that we do not have; of kinds that are not served nothing is asked.

        Most accounts may do a thing everywhere or nowhere: that is asked first.

        Raises:
            TransientError: the server does not say.
        """
        spaces: dict[tuple[GroupKind, str], set[str]] = {}
        for each in rights:
            if each.kind in served.resources:
                spaces.setdefault((each.kind, each.verb), set()).add(each.namespace)
        everywhere = [Right(kind, verb) for kind, verb in spaces]
        denied = self._denied(everywhere, served, pool)
        inside = [
            Right(each.kind, each.verb, space) for each in denied for space in spaces[each.kind, each.verb]
        ]
        return sorted(self._denied(inside, served, pool))

    def _denied(self, rights: Iterable[Right], served: Discovery, pool: Executor) -> list[Right]:
        asked = list(rights)
        allowed = pool.map(lambda each: self._may(each, served), asked)
        return [each for each, may in zip(asked, allowed, strict=True) if not may]

    def _may(self, right: Right, served: Discovery) -> bool:
        resource = served.resources[right.kind]
        attributes = {
            "verb": right.verb,
            "group": right.kind.group,
            "resource": resource.plural,
            "namespace": right.namespace if resource.namespaced else "",
        }
        spec = {"resourceAttributes": attributes}
        answer = self._ask(Request("POST", _REVIEWS, body=_review(spec, "authorization")))
        return bool((answer.body.get("status") or {}).get("allowed"))

    def _ask(self, request: Request) -> Answer:
        return _accepted(self._transport.ask(request, PATIENCE), str(request))


def _accepted(answer: Answer, what: str) -> Answer:
    if not answer.accepted:
        raise TransientError(f"cannot {what} (answer {answer.status})")
    return answer


def _review(spec: Mapping[str, object], group: str) -> dict[str, object]:
    kind = "SelfSubjectReview" if group == "authentication" else "SelfSubjectAccessReview"
    given = {"spec": spec} if spec else {}
    return {"apiVersion": f"{group}.k8s.io/v1", "kind": kind, **given}
