"""Where things are that settings name: files on this machine, and servers; never with a secret in the address itself."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from yardarm_schema.base import Model
from yardarm_schema.text import Text

LocalPath: TypeAlias = Annotated[
    str, Text("path", r"[^\x00-\x1f\x7f]+", "a path on this machine", 4096, "/etc/yardarm/git/token")
]
GitUrl: TypeAlias = Annotated[
    str,
    Text(
        "url",
        r"(?:https://[-A-Za-z0-9.]+(?::[0-9]{1,5})?/[!-?A-~]*|ssh://(?:[A-Za-z0-9_][-A-Za-z0-9_.]*@)?[A-Za-z0-9][-A-Za-z0-9.]*(?::[0-9]{1,5})?/[!-?A-~]*)",
        "an https:// or ssh:// URL without a password or token in it",
        2048,
        "https://git.example.com/ai/models.git",
    ),
]
_LOOPBACK = r"http://(?:127\.0\.0\.1|localhost):[0-9]{1,5}(?:/[!-?A-~]*)?"
ApiUrl: TypeAlias = Annotated[
    str,
    Text(
        "url",
        rf"https://[-A-Za-z0-9.]+(?::[0-9]{{1,5}})?(?:/[!-?A-~]*)?|{_LOOPBACK}",
        "an https:// URL, or http:// on this machine",
        2048,
        "https://api.github.com",
    ),
]
ProxyUrl: TypeAlias = Annotated[
    str,
    Text(
        "url",
        r"(?:https?|socks5h?)://[-A-Za-z0-9.]+(?::[0-9]{1,5})?/?",
        "a proxy as http://host:port, https://host:port or socks5h://host:port, without a password in it",
        300,
        "http://proxy.example.com:3128",
    ),
]


class Secret(Model):
    """What a caller proves itself by."""

    secret_file: Annotated[
        LocalPath, Field(description="File that holds it, of at least 16 characters; read at every call.")
    ]
