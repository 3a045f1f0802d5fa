"""Credentials, TLS and connections, as the ``kubernetes`` package finds them in a kubeconfig or in a pod.

Only its public face is used, and nothing of its typed models: they drop fields that they do not know and
refuse to read what a newer server sends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
import yaml

from yardarm_reconciler.model.origin import TransientError, UserError

CONNECTIONS = 256
"""Connections that are kept at most: besides those of requests in flight each watch holds one."""


@dataclass(frozen=True, slots=True)
class Session:
    """Where the API server is, connections to it, and what to call ourselves; ``bearer`` may refresh a token."""

    url: str
    pool: urllib3.PoolManager
    bearer: Callable[[], str | None]


Login = Callable[[], Session]
"""Log in anew: reads files again and runs credential plugins. Raises UserError where that cannot work."""


def kubeconfig(path: Path | None, context: str | None) -> Login:
    """Log in as a context of a kubeconfig says.

    Args:
        path: the file; None for what kubectl would take (``$KUBECONFIG``, ``~/.kube/config``).
        context: its context; None for the current one.
    """

    def login() -> Session:
        # Imported when first needed: it takes 0.3 s, which commands without a cluster must not pay.
        from kubernetes import client, config  # noqa: PLC0415

        configuration = client.Configuration()
        configuration.connection_pool_maxsize = CONNECTIONS
        try:
            made = config.new_client_from_config(  # type: ignore[no-untyped-call] # the package has no types here
                config_file=None if path is None else str(path),
                context=context,
                # A reconciler does not write into a person's kubeconfig.
                persist_config=False,
                client_configuration=configuration,
            )
        # The file may hold anything, and the package lets through what its parsers raise.
        except (config.ConfigException, yaml.YAMLError, OSError, ValueError, TypeError, KeyError) as error:
            raise UserError(_why(path, context, error), exit_code=2) from error
        return _session(made)

    return login


def in_cluster() -> Login:
    """Log in with the service account of the pod that we run in."""

    def login() -> Session:
        # As above: imported when first needed.
        from kubernetes import client, config  # noqa: PLC0415

        configuration = client.Configuration()
        configuration.connection_pool_maxsize = CONNECTIONS
        try:
            config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call] # as above
        except (config.ConfigException, OSError) as error:
            raise UserError("not in a pod with a service account: name a kubeconfig", exit_code=2) from error
        return _session(client.ApiClient(configuration=configuration))

    return login


def risks(path: Path, context: str | None) -> tuple[str, ...]:
    """What in a context makes us run a program, trust anyone, send traffic elsewhere, or be somebody else.

    Empty where nothing does. A controller refuses such a file, a person's own command only tells. ``as`` is
    among them because the ``kubernetes`` package ignores it: we would act with more rights than the file says.

    Raises:
        UserError: it cannot be read, or has no such context.
    """
    try:
        content = yaml.safe_load(path.read_bytes())
        chosen = _named(content["contexts"], context or content["current-context"])["context"]
        cluster = _named(content["clusters"], chosen["cluster"])["cluster"]
        user = _named(content.get("users") or [], chosen["user"])["user"] if chosen.get("user") else {}
    except (yaml.YAMLError, OSError, TypeError, KeyError, StopIteration) as error:
        raise UserError(_why(path, context, error), exit_code=2) from error
    found = [key for key in ("exec", "auth-provider", "as") if (user or {}).get(key)]
    found += [key for key in ("insecure-skip-tls-verify", "proxy-url") if cluster.get(key)]
    return tuple(found)


def _named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["name"] == name)


def _session(made: Any) -> Session:  # noqa: ANN401 - an ApiClient, of a package without types
    # As above: whoever comes here has imported it.
    from kubernetes.config import ConfigException  # noqa: PLC0415

    configuration = made.configuration

    def bearer() -> str | None:
        try:
            found = configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
        # Files that are gone for a moment, plugins that fail: the package has no one error for it.
        except (OSError, ValueError, TypeError, KeyError, ConfigException) as error:
            raise TransientError(f"credentials cannot be refreshed ({type(error).__name__})") from error
        return None if found is None else str(found)

    return Session(configuration.host.rstrip("/"), made.rest_client.pool_manager, bearer)


def _why(path: Path | None, context: str | None, error: Exception) -> str:
    """Say what cannot be used, without a word of what the file holds."""
    what = str(path) if path else "the default kubeconfig"
    if path is not None and not path.is_file():
        return f"{what}: there is no such kubeconfig"
    which = f"context {context!r}" if context else "the current context"
    return f"{what}: {which} cannot be used ({type(error).__name__})"
