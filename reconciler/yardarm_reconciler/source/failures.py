"""What git's failures mean: who has to act, and whether to try again. Git speaks English here: LC_ALL is C."""

from __future__ import annotations

import enum
import re
import unicodedata

from yardarm_reconciler.model.origin import NOWHERE, Code, TransientError, UserError
from yardarm_reconciler.source.git import Answer

DENIED = Code(
    "git/access-denied",
    title="The git server refuses our credentials",
    why="The last good revision stays in force until the source can be read again.",
    bad="A token that has expired, or that may not read this repository.",
    good="credentials: {tokenFile: /etc/yardarm/git/token}",
)
NOT_FOUND = Code(
    "git/not-found",
    title="There is no such repository on the git server",
    why="Many servers say so too where the credentials may not see the repository.",
    bad="url: https://git.example.com/ai/modles.git",
    good="url: https://git.example.com/ai/models.git",
)
REDIRECT = Code(
    "git/redirected",
    title="The git server sends us to another address",
    why="Redirects are not followed: they could lead our credentials, or us, to a place nobody chose.",
    bad="url: https://old.example.com/models.git",
    good="url: https://git.example.com/ai/models.git",
)
CERTIFICATE = Code(
    "git/untrusted-server",
    title="The git server cannot prove who it is",
    why="Its certificate or host key is not one that we trust, so nothing it says is believed.",
    bad="A self-signed certificate, or a host key that is not in knownHostsFile.",
    good="A certificate of a known authority; the server's host key in knownHostsFile.",
)
REFUSED_OBJECT = Code(
    "git/illegal-object",
    title="The repository holds an object that git's checks refuse",
    why="Trees with names such as .. or .git are how a repository attacks its readers.",
    bad="A tree entry named ..",
    good="git fsck is silent.",
)

_SHOWN = 300  # characters of git's own words


class Fault(enum.Enum):
    """Who is to blame for a transfer that failed."""

    UNREACHABLE = enum.auto()
    STOPPED = enum.auto()
    DENIED = enum.auto()
    NOT_FOUND = enum.auto()
    REDIRECT = enum.auto()
    CERTIFICATE = enum.auto()
    NO_SUCH_REF = enum.auto()
    ILLEGAL = enum.auto()
    MACHINE = enum.auto()
    OTHER = enum.auto()


# The first that matches counts: ssh says "Permission denied" and then "Could not read from remote repository".
_FAULTS = (
    (Fault.REDIRECT, r"returned error: 30\d|unable to update url base from redirection"),
    (Fault.CERTIFICATE, r"certificate|Host key verification failed"),
    (
        Fault.DENIED,
        r"Authentication failed|returned error: 40[13]|could not read (Username|Password)|Permission denied \(",
    ),
    (
        Fault.NOT_FOUND,
        (
            r"returned error: 4(04|10)|repository .* not found|does not appear to be a git repository"
            r"|ERROR: Repository not found"
        ),
    ),
    (Fault.ILLEGAL, r"fsck error"),
    (Fault.NO_SUCH_REF, r"couldn't find remote ref|not our ref|not allow request for unadvertised object"),
    (
        Fault.MACHINE,
        r"No space left on device|Read-only file system|Too many open files|Cannot allocate memory",
    ),
    (
        Fault.UNREACHABLE,
        (
            r"returned error: (408|425|429|5\d\d)|unable to access|Could not resolve|Connection (refused|reset|closed)"
            r"|[Tt]imed out|unreachable|RPC failed|early EOF|hung up|unexpected disconnect|transfer closed"
            r"|Empty reply|invalid server response|not valid: is this a git repository|remote error"
            r"|Could not read from remote repository|expected .*packet|bad line length|protocol error"
        ),
    ),
)
_PATTERNS = tuple((fault, re.compile(pattern)) for fault, pattern in _FAULTS)
_CODES = {
    Fault.DENIED: DENIED,
    Fault.NOT_FOUND: NOT_FOUND,
    Fault.REDIRECT: REDIRECT,
    Fault.CERTIFICATE: CERTIFICATE,
    Fault.ILLEGAL: REFUSED_OBJECT,
}


def fault(answer: Answer) -> Fault:
    """Judge a run that failed by what it printed."""
    if answer.stopped:
        return Fault.STOPPED
    for kind, pattern in _PATTERNS:
        if pattern.search(answer.err):
            return kind
    return Fault.OTHER


def failure(answer: Answer, what: str) -> UserError | TransientError:
    """Make the error for a transfer that failed: UserError where a person has to act, else TransientError.

    Args:
        answer: of the run.
        what: what was read, without credentials; begins the message.
    """
    said = excerpt(answer.err)
    code = _CODES.get(fault(answer))
    if code is None:
        return TransientError(f"{what}: {said}")
    diagnostic = code.at(
        NOWHERE, f"{what}: {code.title[0].lower()}{code.title[1:]}", note=f"git says: {said}"
    )
    return UserError(diagnostic.message, (diagnostic,), exit_code=2)


def excerpt(stderr: str) -> str:
    """Git's own complaint on one line that is safe to show; a server may have had its say in it."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal:", "error:"))]
    line = (told or lines or ["git gave no reason"])[0]
    return visible(line.removeprefix("fatal: ").removeprefix("error: "))[:_SHOWN]


def visible(text: str) -> str:
    """Escape control and format characters (terminal sequences, bidirectional overrides)."""
    return "".join(
        c if unicodedata.category(c)[0] != "C" else c.encode("unicode_escape").decode() for c in text
    )
