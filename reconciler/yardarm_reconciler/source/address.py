"""Which repository and which ref: only forms that we know are let through, everything else is refused.

Scheme, user, host, port and path are taken apart and the URL is put together again from what was understood,
so git never sees text that was not. What upstream had to patch, one by one: helper transports (``ext::``),
options in place of hosts, credentials in URLs, percent-encoded options.
"""

from __future__ import annotations

import enum
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from yardarm_reconciler.model.origin import NOWHERE, Code, UserError

URL = Code(
    "git/url-refused",
    title="This is not a URL that Yardarm reads specs from",
    why="Only https and ssh are used; anything else may run a program, read local files or show a password.",
    bad="url: https://me:secret@git.example.com/models.git",
    good="url: https://git.example.com/models.git",
)
REF_NAME = Code(
    "git/ref-name",
    title="This is not the name of a branch, a tag or a commit",
    why="Names follow git-check-ref-format; a commit is named by its full id.",
    bad="ref: {branch: refs/heads/..}",
    good="ref: {branch: main}",
)

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_PATH = re.compile(r"/?[A-Za-z0-9_~.][A-Za-z0-9._~/%@+=,:-]*")
_SCP = re.compile(r"(?P<user>[^@/:]+)@(?P<host>[^@/:]+):(?P<path>.+)")
_HELPER = re.compile(r"[A-Za-z0-9+.-]*::")
_REF_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[./-]|[./]$|^@$")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF_LENGTH = 244  # bytes; with "refs/heads/" a file name of 255 bytes still holds its lock


@dataclass(frozen=True, slots=True)
class Address:
    """A remote repository. ``url`` is safe to show: it never holds credentials."""

    url: str
    scheme: str
    host: str
    port: int | None = None

    @property
    def server(self) -> str:
        """Scheme, host and port as a URL: what a credential is bound to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{f':{self.port}' if self.port else ''}/"


class RefKind(enum.StrEnum):
    """What a ref names."""

    BRANCH = "branch"
    TAG = "tag"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class Ref:
    """A branch or tag by its short name, or a commit by its full id. Made by :func:`ref`."""

    kind: RefKind
    name: str

    @property
    def full(self) -> str:
        """``refs/heads/main``, ``refs/tags/v1``, or the commit id."""
        prefix = {RefKind.BRANCH: "refs/heads/", RefKind.TAG: "refs/tags/", RefKind.COMMIT: ""}
        return prefix[self.kind] + self.name

    def __str__(self) -> str:
        """Give ``branch main``."""
        return f"{self.kind} {self.name}"


def address(text: str, *, loopback_http: bool = False) -> Address:
    """Take a repository URL apart, and put it together again.

    Args:
        text: ``https://host[:port]/path``, ``ssh://[user@]host[:port]/path`` or ``user@host:path``.
        loopback_http: accept ``http`` too, for a server on this machine.

    Raises:
        UserError: anything else, with the code ``git/url-refused``; the message does not repeat the URL.
    """
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise _refused("it holds a character that a URL cannot hold")
    if text.startswith("-") or _HELPER.match(text):
        raise _refused("it is an option or a transport helper")
    if "://" in text:
        return _with_scheme(text, loopback_http=loopback_http)
    if match := _SCP.fullmatch(text):
        _check(_USER, match["user"], "user")
        _check(_HOST, match["host"], "host")
        _check(_PATH, match["path"], "path")
        return Address(text, "ssh", match["host"].lower())
    raise _refused("it is neither https://host/path nor user@host:path; for a local repository give a path")


def _with_scheme(text: str, *, loopback_http: bool) -> Address:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused("host or port are malformed") from None
    scheme = parts.scheme.lower()
    if scheme not in ("https", "ssh") and not (scheme == "http" and loopback_http and _is_loopback(host)):
        raise _refused("its scheme is neither https nor ssh")
    if parts.password is not None or (parts.username is not None and scheme != "ssh"):
        raise _refused("it holds credentials, which every log and every `ps` would show")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise _refused("it has a query or a fragment")
    if ":" in host:
        _check_ipv6(host)
    else:
        _check(_HOST, host, "host")
    if parts.username is not None:
        _check(_USER, parts.username, "user")
    _check(_PATH, parts.path.lstrip("/") and parts.path, "path")
    made = Address("", scheme, host, port)
    user = f"{parts.username}@" if parts.username else ""
    url = made.server.replace("://", f"://{user}", 1) + parts.path.removeprefix("/")
    return Address(url, scheme, host, port)


def ref(kind: RefKind, name: str) -> Ref:
    """Check the name of a branch or tag, or the id of a commit.

    The rules are those of https://git-scm.com/docs/git-check-ref-format.

    Raises:
        UserError: with the code ``git/ref-name``.
    """
    if kind is RefKind.COMMIT:
        good = bool(_COMMIT.fullmatch(name))
    else:
        good = bool(name) and not _REF_FORBIDDEN.search(name) and _is_short_text(name)
    if not good:
        fix = "give all 40 (or 64) hexadecimal digits" if kind is RefKind.COMMIT else "give it without refs/"
        message = f"{name[:80]!a} cannot name a {kind}"
        raise UserError(message, (REF_NAME.at(NOWHERE, message, fix=fix),), exit_code=2)
    return Ref(kind, name)


def is_commit(text: str) -> bool:
    """Whether this is a full commit id: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits."""
    return bool(_COMMIT.fullmatch(text))


def _is_short_text(name: str) -> bool:
    try:
        return len(name.encode()) <= _REF_LENGTH
    except UnicodeEncodeError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_ipv6(host: str) -> None:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        raise _refused("its host is malformed") from None
    if "%" in host:
        raise _refused("its host is malformed")


def _check(pattern: re.Pattern[str], text: str, what: str) -> None:
    if not pattern.fullmatch(text):
        raise _refused(f"its {what} is empty or malformed")


def _refused(reason: str) -> UserError:
    message = f"The repository's URL is refused: {reason}"
    fix = "use https:// or ssh://, with credentials in files"
    return UserError(message, (URL.at(NOWHERE, message, fix=fix),), exit_code=2)
