"""The status page over HTTP: made anew when it is asked for, and sent only where it is another than the asker has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from yardarm_reconciler.model.change import Report
from yardarm_reconciler.ports import Clock
from yardarm_reconciler.report.page import BELOW, STATIC, Pages, static
from yardarm_reconciler.server.listener import Handler, Request, Response

HTML = "text/html; charset=utf-8"


def pages_of(
    environments: Sequence[str], reports: Callable[[], Sequence[Report]], clock: Clock
) -> Mapping[str, Handler]:
    """What answers, by path: the pages, and what they load."""
    pages = Pages(environments, reports, clock.now)

    def page(request: Request) -> Response:
        made = pages.page(request.path, request.query)
        if made is None:
            return Response(HTTPStatus.NOT_FOUND, "there is no such page, or not yet")
        return _tagged(request, made.encode("utf-8", "replace"), HTML)

    def loaded(request: Request) -> Response:
        return _tagged(request, static(request.path), STATIC[request.path])

    return {"/": page, BELOW: page, **dict.fromkeys(STATIC, loaded)}


def _tagged(request: Request, content: bytes, kind: str) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    same = request.headers.get("if-none-match") == tag
    status = HTTPStatus.NOT_MODIFIED if same else HTTPStatus.OK
    return Response(status, content=content, kind=kind, headers={"ETag": tag})
