"""Webhooks of git servers. All that they mean is *look now*: nothing that a body says is believed or used.

So a forged call would cost a look, and a lost one the interval. It is checked all the same, since looks are not free:
signature or token, then whether it came before, then how many come.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path

import orjson

from yardarm_reconciler.ports import Clock
from yardarm_reconciler.server.listener import Request, Response

LOG = logging.getLogger(__name__)

PATH = re.compile(r"/webhook/(?P<provider>[a-z]+)(?:/(?P<source>[a-z](?:[-a-z0-9]*[a-z0-9])?))?")

REMEMBERED = 4096
"""Calls that are known again when they come a second time; more than any git server sends in a day."""

BURST = 20
"""Looks at once."""

EVERY = 1.0
"""Seconds until one more look is granted."""

_SECRET_BYTES = 4096
_SHORTEST = 16
"""Characters of a secret: fewer can be guessed."""


class Provider(enum.StrEnum):
    """Who calls, and how they prove it."""

    GITHUB = "github"
    """``X-Hub-Signature-256``: HMAC of the body.
    https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"""
    GITLAB = "gitlab"
    """``X-Gitlab-Token``: the secret itself.
    https://docs.gitlab.com/user/project/integrations/webhooks/"""
    GENERIC = "generic"
    """``X-Signature: sha256=<hex>``: HMAC of the body, as Flux's generic-hmac has it."""


class Webhook:
    """Answers calls.

    Args:
        secrets: by provider, the file that holds its secret; read at every call, since secrets rotate.
        wake: look at the source of this name, or at all; false where there is none.
        clock: for the rate.
    """

    def __init__(
        self, secrets: Mapping[Provider, Path], wake: Callable[[str | None], bool], clock: Clock
    ) -> None:
        self._secrets = secrets
        self._wake = wake
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._grants = float(BURST)
        self._granted = clock.monotonic()

    def __call__(self, request: Request) -> Response:
        """Answer one call."""
        match = PATH.fullmatch(request.path)
        if match is None or match["provider"] not in {str(each) for each in self._secrets}:
            return Response(HTTPStatus.NOT_FOUND)
        if request.method != "POST":
            return Response(HTTPStatus.METHOD_NOT_ALLOWED)
        provider = Provider(match["provider"])
        secret = _secret(self._secrets[provider])
        if secret is None:
            return Response(HTTPStatus.SERVICE_UNAVAILABLE)
        if not proved(provider, request, secret):
            return Response(HTTPStatus.UNAUTHORIZED)
        if not _is_object(request.body):
            return Response(HTTPStatus.BAD_REQUEST, "the body is no JSON object")
        refused = self._refused(_mark(provider, request))
        if refused is not None:
            return refused
        if request.headers.get("x-github-event") == "ping":
            return Response(HTTPStatus.OK, "heard")
        if not self._wake(match["source"]):
            return Response(HTTPStatus.NOT_FOUND, "no source of that name is followed here")
        return Response(HTTPStatus.ACCEPTED, "looking")

    def _refused(self, mark: bytes) -> Response | None:
        """Why a call that is proved is not heard: it came before, or too many come."""
        with self._lock:
            if mark in self._known:
                return Response(HTTPStatus.CONFLICT, "this call was heard before")
            now = self._clock.monotonic()
            self._grants = min(float(BURST), self._grants + (now - self._granted) / EVERY)
            self._granted = now
            if self._grants < 1:
                return Response(HTTPStatus.TOO_MANY_REQUESTS)
            self._grants -= 1
            self._known[mark] = None
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            return None


def proved(provider: Provider, request: Request, secret: bytes) -> bool:
    """Whether a call comes from who knows the secret; takes the same time whatever is wrong."""
    if provider is Provider.GITLAB:
        given = request.headers.get("x-gitlab-token", "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), secret)
    name = "x-hub-signature-256" if provider is Provider.GITHUB else "x-signature"
    expected = f"sha256={hmac.new(secret, request.body, hashlib.sha256).hexdigest()}"
    return hmac.compare_digest(request.headers.get(name, "").encode("utf-8", "replace"), expected.encode())


def _mark(provider: Provider, request: Request) -> bytes:
    """What a call is known again by. GitLab signs nothing: there it is the body, and the delivery that it names."""
    delivery = request.headers.get("x-gitlab-event-uuid", "") if provider is Provider.GITLAB else ""
    return hashlib.sha256(f"{provider}\n{delivery}\n".encode("utf-8", "replace") + request.body).digest()


def _secret(file: Path) -> bytes | None:
    """The secret of a provider; None, with a word in the log, where the file does not hold one."""
    try:
        with file.open("rb") as opened:
            secret = opened.read(_SECRET_BYTES + 1).strip()
    except OSError as error:
        LOG.warning("webhook secret %s cannot be read: %s", file, error.strerror)
        return None
    if not _SHORTEST <= len(secret) <= _SECRET_BYTES:
        LOG.warning("webhook secret %s does not hold a secret of at least %s characters", file, _SHORTEST)
        return None
    return secret


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(orjson.loads(body), dict)
    except orjson.JSONDecodeError:
        return False
