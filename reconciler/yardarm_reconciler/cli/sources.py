"""Sources as the settings describe them: repository, ref, credentials, signatures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from yardarm_reconciler.ports import Source
from yardarm_reconciler.source.address import Ref, RefKind, address, ref
from yardarm_reconciler.source.git import Git
from yardarm_reconciler.source.local import LocalSource
from yardarm_reconciler.source.signatures import Verify
from yardarm_schema import settings as schema

if TYPE_CHECKING:  # imported when needed: start-up time
    from yardarm_reconciler.source.credentials import Credentials
    from yardarm_reconciler.source.github_app import GitHubApp


def source(spec: schema.Source, base: Path, state: Path, git: Git) -> Source:
    """A source as the settings describe it."""
    follow = _ref(spec.ref)
    verify = _verify(spec.verify, base)
    if isinstance(spec, schema.LocalSource):
        return LocalSource(git, base / spec.path, follow, verify)
    # Imported when needed: a local repository has no credentials and no clone.
    from yardarm_reconciler.source.credentials import Credentials  # noqa: PLC0415
    from yardarm_reconciler.source.remote import Remote  # noqa: PLC0415

    ca = base / spec.ca_file if spec.ca_file else None
    credentials = _credentials(spec.credentials, Credentials(proxy=spec.proxy, ca_file=ca), base)
    where = address(str(spec.url), loopback_http=True)
    return Remote(git, where, follow, state, credentials, verify=verify)


def _credentials(given: schema.Credentials | None, way: Credentials, base: Path) -> Credentials:
    """The credentials for a server that is reached in this way."""
    match given:
        case schema.TokenFile():
            return replace(way, token_file=base / given.token_file)
        case schema.SshKey():
            key, hosts = base / given.ssh_key_file, base / given.known_hosts_file
            return replace(way, ssh_key_file=key, known_hosts_file=hosts)
        case schema.GitHubApp():
            return replace(way, app=_app(given.github_app, base, way))
    return way


def _app(spec: schema.App, base: Path, way: Credentials) -> GitHubApp:
    # As above: imported when needed.
    from yardarm_reconciler.source.github_app import GitHubApp as App  # noqa: PLC0415

    key = base / spec.private_key_file
    return App(spec.app_id, spec.installation_id, key, spec.api, way.proxy, way.ca_file)


def _verify(spec: schema.Verify | None, base: Path) -> Verify | None:
    if spec is None:
        return None
    wanted = {"commit": spec.mode != "tag", "tag": spec.mode != "commit"}
    if isinstance(spec, schema.VerifySsh):
        return Verify("ssh", base / spec.ssh.allowed_signers, **wanted)
    return Verify("gpg", base / spec.gpg.keys, **wanted)


def _ref(spec: schema.Ref) -> Ref:
    if isinstance(spec, schema.Branch):
        return ref(RefKind.BRANCH, spec.branch)
    return ref(RefKind.TAG, spec.tag) if isinstance(spec, schema.Tag) else ref(RefKind.COMMIT, spec.commit)
