"""What is found at which path: pages to read for everybody, and the webhooks of git servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from yardarm_reconciler.server.listener import Handler, Request, Response

READS = frozenset({"GET", "HEAD"})

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
"""On every page: it loads nothing from elsewhere, is in nobody's frame and is kept nowhere."""


@dataclass(frozen=True, slots=True)
class Site:
    """Answers by path. Pages can only be read; what has no page is for ``others`` to answer.

    A path that ends with a slash, ``/e/``, is of all that lies below it.
    """

    pages: Mapping[str, Handler]
    others: Handler

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        top = "/".join([*request.path.split("/")[:2], ""])
        page = self.pages.get(request.path) or self.pages.get(top)
        if page is None:
            return self.others(request)
        if request.method not in READS:
            return Response(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        response = page(request)
        return replace(response, headers={**HEADERS, **response.headers})
