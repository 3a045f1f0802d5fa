"""The floor: a bare client that sends given requests, in the order of phases, over as many connections as we use.

It reads no specs, keeps no records, checks nothing and learns nothing: what is left is the work of the API server,
of Python's HTTP and TLS, and of JSON. A program that does more cannot be faster.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import urllib3

IN_FLIGHT = 16
"""Connections, and requests at one time: those of the program."""

HTTP_ERROR = 400


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. ``path`` has the query in it."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    content_type: str = "application/apply-patch+yaml"


def write(file: Path, phases: Iterable[Sequence[Ask]]) -> None:
    """Write requests for :func:`main`: a JSON list a phase and line."""
    file.write_bytes(b"\n".join(orjson.dumps([asdict(each) for each in phase]) for phase in phases))


def main(file: str, url: str, ca: str, token: str) -> None:
    """Send all requests of a file, phase after phase, and read every answer whole."""
    pool = urllib3.PoolManager(ca_certs=ca, maxsize=IN_FLIGHT, retries=False)
    base = {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "floor"}

    def send(ask: Mapping[str, Any]) -> None:
        body = None if ask["body"] is None else orjson.dumps(ask["body"])
        headers = base | ({"Content-Type": ask["content_type"]} if body else {})
        path = ask["path"]
        while path:
            answer = pool.request(ask["method"], url + path, body=body, headers=headers)
            content = orjson.loads(answer.data)
            if answer.status >= HTTP_ERROR:
                raise SystemExit(f"{ask['method']} {path}: {answer.status} {content.get('message')}")
            place = content["metadata"].get("continue") if ask["method"] == "GET" else ""
            path = f"{ask['path']}&continue={place}" if place else ""

    with ThreadPoolExecutor(IN_FLIGHT) as threads:
        for line in Path(file).read_bytes().splitlines():
            list(threads.map(send, orjson.loads(line)))


if __name__ == "__main__":
    main(*sys.argv[1:])
