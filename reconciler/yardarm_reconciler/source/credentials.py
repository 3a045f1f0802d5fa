"""Credentials as mounted files, read anew for every call: they rotate."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from yardarm_reconciler.model.origin import NOWHERE, Code, UserError
from yardarm_reconciler.source.address import Address
from yardarm_reconciler.source.git import Access

CREDENTIALS = Code(
    "git/credentials",
    title="The credentials of a source cannot be used",
    why="They are read from files at every poll: a token for https, a key and known hosts for ssh.",
    bad="credentials: {sshKeyFile: /etc/yardarm/key}",
    good="credentials: {sshKeyFile: /etc/yardarm/key, knownHostsFile: /etc/yardarm/known_hosts}",
)

_TOKEN_BYTES = 16 * 1024
_TOKEN = re.compile(r"[\x21-\x7e]+")
_SSH_PATH = re.compile(r"/[A-Za-z0-9._/+@=,:-]+")  # ssh itself splits and expands blanks, quotes, % and ~
_SSH = (
    "ssh -F /dev/null -oBatchMode=yes -oStrictHostKeyChecking=yes -oConnectTimeout=10"
    " -oServerAliveInterval=10 -oIdentitiesOnly=yes -oIdentityAgent=none -oGlobalKnownHostsFile=/dev/null"
)


class Tokens(Protocol):
    """Gives tokens that do not live long."""

    def token(self) -> str:
        """One that can be used now. Raises UserError or TransientError."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens a source; which of it is needed depends on the URL's scheme.

    ``app`` gives tokens in place of ``token_file``. ``proxy`` and ``ca_file`` are for https: a proxy to reach the server
    by, and the certificate authorities to trust instead of the system's.
    """

    token_file: Path | None = None
    ssh_key_file: Path | None = None
    known_hosts_file: Path | None = None
    app: Tokens | None = None
    proxy: str | None = None
    ca_file: Path | None = None

    def access(self, address: Address) -> Access:
        """What one run of git needs to reach ``address``.

        A token becomes a header that git sends to that server only; it stands in the environment of that
        run, not in its arguments, and in no file.

        Raises:
            UserError: a file is missing or unusable.
            TransientError: a token could not be had.
        """
        if address.scheme == "ssh":
            if self.proxy or self.ca_file:
                raise _unusable("proxy and caFile are for https; a source over ssh has neither")
            return Access("ssh", {"GIT_SSH_COMMAND": self._ssh(), "GIT_SSH_VARIANT": "ssh"})
        settings = dict(self._transport(address))
        token = self._token()
        if not token:
            return Access(address.scheme, _configured(settings))
        encoded = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        settings[f"http.{address.server}.extraHeader"] = f"Authorization: Basic {encoded}"
        return Access(address.scheme, _configured(settings), (encoded, token))

    def _token(self) -> str:
        if self.app is not None:
            return self.app.token()
        return _token(self.token_file) if self.token_file else ""

    def _transport(self, address: Address) -> Iterator[tuple[str, str]]:
        if self.proxy:
            yield f"http.{address.server}.proxy", self.proxy
        if self.ca_file:
            if not self.ca_file.is_file():
                raise _unusable(f"{self.ca_file} is missing")
            yield f"http.{address.server}.sslCAInfo", str(self.ca_file.absolute())

    def _ssh(self) -> str:
        if self.ssh_key_file is None or self.known_hosts_file is None:
            raise _unusable("A source over ssh needs both sshKeyFile and knownHostsFile")
        for path in (self.ssh_key_file, self.known_hosts_file):
            if not _SSH_PATH.fullmatch(str(path)):
                raise _unusable(f"{str(path)!a} is not an absolute path that ssh takes as it is")
            if not path.is_file():
                raise _unusable(f"{path} is missing")
        files = f"-i {self.ssh_key_file} -oUserKnownHostsFile={self.known_hosts_file}"
        return f"{_SSH} {shlex.join(files.split(' '))}"


def _configured(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings for one run of git, as its environment."""
    environment = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return environment if settings else {}


def _token(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_TOKEN_BYTES + 1)
    except OSError as error:
        raise _unusable(f"{path} cannot be read: {error.strerror}") from None
    token = data.decode("ascii", "replace").strip()
    if len(data) > _TOKEN_BYTES or not _TOKEN.fullmatch(token):
        raise _unusable(f"{path} does not hold one token on one line")
    return token


def _unusable(message: str) -> UserError:
    return UserError(message, (CREDENTIALS.at(NOWHERE, message),), exit_code=2)
