"""Short-lived tokens of a GitHub App: signed for with its private key, asked for when the last one runs out.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import urllib3

from yardarm_reconciler.model.origin import NOWHERE, Code, TransientError, UserError

APP = Code(
    "git/github-app",
    title="The GitHub App gives us no token",
    why="Its private key signs a request for a token of its installation; GitHub decides whether there is one.",
    bad="credentials: {githubApp: {appId: 1, installationId: 2, privateKeyFile: /key-of-another-app.pem}}",
    good="credentials: {githubApp: {appId: 1, installationId: 2, privateKeyFile: /etc/yardarm/app.pem}}",
)

_LONG_ENOUGH = timedelta(minutes=5)
"""A token that lives shorter than this is not used any more: a transfer takes its time."""

_SKEW = timedelta(minutes=1)
_SIGNED_FOR = timedelta(minutes=9)
"""GitHub takes ten at most, on its own clock."""

_ANSWER_BYTES = 64 * 1024
_SECONDS = 10.0


class GitHubApp:
    """One installation of an App.

    Args:
        app_id: the App's id, or its client id.
        installation_id: where it is installed.
        private_key: file with its private key (PEM); read for every token.
        api: address of the API.
        proxy: a proxy to reach it by.
        ca: file of certificate authorities to trust instead of the system's.
    """

    def __init__(
        self,
        app_id: str,
        installation_id: int,
        private_key: Path,
        api: str,
        proxy: str | None = None,
        ca: Path | None = None,
    ) -> None:
        self._app_id = app_id
        self._key = private_key
        self._url = f"{api.rstrip('/')}/app/installations/{installation_id}/access_tokens"
        self._proxy = proxy
        self._ca = ca
        self._lock = threading.Lock()
        self._token = ""
        self._expires = datetime.min.replace(tzinfo=UTC)

    def token(self) -> str:
        """A token that lives for some minutes at least.

        Raises:
            UserError: the key cannot be used, or GitHub refuses it.
            TransientError: GitHub did not answer.
        """
        with self._lock:
            now = datetime.now(UTC)
            if now + _LONG_ENOUGH >= self._expires:
                self._token, self._expires = self._ask(now)
            return self._token

    def _ask(self, now: datetime) -> tuple[str, datetime]:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self._signed(now)}",
            "User-Agent": "yardarm",
        }
        try:
            with self._pool() as pool:
                answer = pool.request(
                    "POST",
                    self._url,
                    headers=headers,
                    redirect=False,
                    retries=False,
                    timeout=_SECONDS,
                    preload_content=False,
                )
                body = answer.read(_ANSWER_BYTES)
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise TransientError(f"{self._url}: no answer ({type(error).__name__})") from None
        if answer.status in {401, 403, 404, 422}:
            raise _refused(f"{self._url} answers {answer.status}: is it this App's key, and is it installed?")
        try:
            given = orjson.loads(body)
            return str(given["token"]), datetime.fromisoformat(given["expires_at"])
        except (ValueError, KeyError, TypeError):
            raise TransientError(f"{self._url} answers {answer.status}, and no token") from None

    def _pool(self) -> urllib3.PoolManager:
        trust = str(self._ca) if self._ca else None
        if self._proxy:
            return urllib3.ProxyManager(self._proxy, ca_certs=trust)
        return urllib3.PoolManager(ca_certs=trust)

    def _signed(self, now: datetime) -> str:
        """A JSON Web Token by which the App proves that it is itself (RFC 7519, RS256)."""
        try:
            # An extra: only who uses a GitHub App needs it.
            from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
            from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415
        except ImportError:
            raise _refused(
                "a GitHub App needs the package cryptography: pip install 'yardarm[github-app]'"
            ) from None
        try:
            key = serialization.load_pem_private_key(self._key.read_bytes(), password=None)
        except OSError as error:
            raise _refused(f"{self._key} cannot be read: {error.strerror}") from None
        except (ValueError, TypeError):
            raise _refused(f"{self._key} does not hold a private key without password") from None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise _refused(f"{self._key} does not hold an RSA key")
        claims = {
            "iat": int((now - _SKEW).timestamp()),
            "exp": int((now + _SIGNED_FOR).timestamp()),
            "iss": self._app_id,
        }
        text = b".".join(_encoded(orjson.dumps(part)) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
        return b".".join((text, _encoded(key.sign(text, padding.PKCS1v15(), hashes.SHA256())))).decode()


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _refused(message: str) -> UserError:
    return UserError(message, (APP.at(NOWHERE, message),), exit_code=2)
