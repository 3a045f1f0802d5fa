"""Settings: the operator's file, which binds environments to sources and clusters. It never lies in git."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.addresses import ApiUrl, GitUrl, LocalPath, ProxyUrl, Secret
from yardarm_schema.base import Forms, Maybe, Model, shared
from yardarm_schema.names import DnsLabel
from yardarm_schema.notify import Notify
from yardarm_schema.places import Glob
from yardarm_schema.text import Text
from yardarm_schema.units import Duration, Time

API_VERSION = "settings.yardarm.dev/v1alpha1"

_REF_PART = "[A-Za-z0-9_](?:[-A-Za-z0-9_+.]*[-A-Za-z0-9_+])?"
RefName: TypeAlias = Annotated[
    str, Text("ref", f"{_REF_PART}(?:/{_REF_PART})*", "the name of a branch or tag", 255, "main")
]


class Branch(Model):
    """The newest commit of a branch."""

    branch: Annotated[RefName, Field(description="Name of the branch.")]


class Tag(Model):
    """The commit of a tag."""

    tag: Annotated[RefName, Field(description="Name of the tag.")]


class Commit(Model):
    """One commit."""

    commit: Annotated[
        str,
        Text(
            "commit",
            "[0-9a-f]{40}|[0-9a-f]{64}",
            "a full commit id: 40 or 64 hexadecimal digits",
            64,
            "0" * 40,
        ),
        Field(description="Full id of the commit."),
    ]


Ref: TypeAlias = Annotated[
    Branch | Tag | Commit, Forms(keys={"branch": Branch, "tag": Tag, "commit": Commit})
]


class TokenFile(Model):
    """A token for https."""

    token_file: Annotated[LocalPath, Field(description="File that holds the token; read at every fetch.")]


class SshKey(Model):
    """A key for ssh."""

    ssh_key_file: Annotated[LocalPath, Field(description="File that holds the private key.")]
    known_hosts_file: Annotated[LocalPath, Field(description="File with the server's public keys.")]


class App(Model):
    """A GitHub App, installed where the repository is."""

    app_id: Annotated[str, Field(min_length=1, max_length=64, description="Its id, or its client id.")]
    installation_id: Annotated[int, Field(ge=1, le=2**53, description="Id of the installation.")]
    private_key_file: Annotated[LocalPath, Field(description="File that holds its private key (PEM).")]
    api: Annotated[ApiUrl, Field(description="Address of GitHub's API.")] = "https://api.github.com"


class GitHubApp(Model):
    """Short-lived tokens of a GitHub App, for https."""

    github_app: Annotated[App, Field(description="The App.")]


Credentials: TypeAlias = Annotated[
    TokenFile | SshKey | GitHubApp,
    Forms(keys={"tokenFile": TokenFile, "sshKeyFile": SshKey, "githubApp": GitHubApp}),
]


class SshSigners(Model):
    """Who may sign, by ssh keys."""

    allowed_signers: Annotated[
        LocalPath, Field(description="File of allowed signers, as ssh-keygen(1) reads it.")
    ]


class GpgKeys(Model):
    """Who may sign, by OpenPGP keys."""

    keys: Annotated[LocalPath, Field(description="File with their public keys.")]


class _Verify(Model):
    mode: Annotated[
        Literal["commit", "tag", "both"],
        Field(description="What must be signed: the commit, the tag that is followed, or both."),
    ] = "commit"


class VerifySsh(_Verify):
    """Signatures by ssh keys."""

    ssh: Annotated[SshSigners, Field(description="Who may sign.")]


class VerifyGpg(_Verify):
    """Signatures by OpenPGP keys."""

    gpg: Annotated[GpgKeys, Field(description="Who may sign.")]


Verify: TypeAlias = Annotated[VerifySsh | VerifyGpg, Forms(keys={"ssh": VerifySsh, "gpg": VerifyGpg})]


class _Source(Model):
    ref: Annotated[Ref, Field(description="What to follow.")] = Field(
        default_factory=lambda: Branch(branch="main")
    )
    interval: Annotated[Time, Field(description="How often to look.")] = Duration("30s")
    verify: Annotated[
        Maybe[Verify], Field(description="Follow only what was signed by one of these keys.")
    ] = None
    force_push: Annotated[
        Literal["warn", "refuse"],
        Field(
            description="Whether a history that was rewritten, or cannot be proven to continue, is followed with a word or waits for a person."
        ),
    ] = "warn"


class RemoteSource(_Source):
    """A repository on a git server."""

    url: Annotated[GitUrl, Field(description="Its address; credentials never belong in it.")]
    credentials: Annotated[Maybe[Credentials], Field(description="How to log in.")] = None
    proxy: Annotated[Maybe[ProxyUrl], Field(description="A proxy to reach it by; for https.")] = None
    ca_file: Annotated[
        Maybe[LocalPath],
        Field(description="Certificate authorities to trust instead of the system's; for https."),
    ] = None


class LocalSource(_Source):
    """A repository on this machine."""

    path: Annotated[LocalPath, Field(description="Its directory, relative to this file.")]


Source: TypeAlias = Annotated[
    RemoteSource | LocalSource, Forms(keys={"url": RemoteSource, "path": LocalSource})
]


class Kubernetes(Model):
    """How to reach an API server."""

    kubeconfig: Annotated[Maybe[LocalPath], Field(description="A kubeconfig file; by default kubectl's.")] = (
        None
    )
    context: Annotated[
        Maybe[str], Field(min_length=1, description="Context in the kubeconfig; by default its current one.")
    ] = None
    in_cluster: Annotated[
        bool, Field(description="Use the service account of the pod that Yardarm runs in.")
    ] = False


class KubernetesCluster(Model):
    """A Kubernetes API server."""

    kubernetes: Annotated[Kubernetes, Field(description="How to reach it.")]
    uid: Annotated[
        Maybe[str],
        Field(min_length=1, description="uid of its namespace kube-system; any other cluster is refused."),
    ] = None
    namespace: Annotated[DnsLabel, Field(description="Where Yardarm keeps its own records.")] = (
        "yardarm-system"
    )


class DirectoryCluster(Model):
    """A directory of rendered manifests."""

    directory: Annotated[LocalPath, Field(description="The directory, relative to this file.")]


Cluster: TypeAlias = Annotated[
    KubernetesCluster | DirectoryCluster,
    Forms(keys={"kubernetes": KubernetesCluster, "directory": DirectoryCluster}),
]


class Bootstrap(Model):
    """What a unit may do on the first pass over a cluster that it has no records of."""

    runs: Annotated[
        Literal["confirm", "run"],
        Field(description="Whether jobs wait for a person who confirms, or run at once."),
    ] = "confirm"


class Unit(Model):
    """One environment, bound to one source and one cluster."""

    id: Annotated[DnsLabel, Field(description="Immutable id; names the records in the cluster.")]
    environment: Annotated[DnsLabel, Field(description="Name of the Environment.")]
    source: Annotated[DnsLabel, Field(description="A key of sources.")]
    cluster: Annotated[DnsLabel, Field(description="A key of clusters; the Environment must name it too.")]
    platform: Annotated[
        Maybe[tuple[Glob, ...]],
        Field(description="Narrows the paths from which platform specs are accepted."),
    ] = None
    bootstrap: Annotated[Bootstrap, Field(description="What the first pass may do.")] = Field(
        default_factory=shared(Bootstrap)
    )


class Webhooks(Model):
    """Calls of git servers that mean: look now. At /webhook/NAME, or /webhook/NAME/SOURCE for one source."""

    github: Annotated[Maybe[Secret], Field(description="GitHub's, signed by HMAC.")] = None
    gitlab: Annotated[Maybe[Secret], Field(description="GitLab's, with the secret as their token.")] = None
    generic: Annotated[
        Maybe[Secret], Field(description="Anybody's, with X-Signature: sha256=<hex HMAC of the body>.")
    ] = None


class Serve(Model):
    """What yardarm run answers over HTTP."""

    listen: Annotated[
        str,
        Text(
            "address",
            r"(?:[0-9.]{7,15}|\[[0-9a-fA-F:]{2,39}\]|localhost):[0-9]{1,5}",
            "an address of this machine and a port, such as 127.0.0.1:8080",
            64,
            "127.0.0.1:8080",
        ),
        Field(description="Where; by default only this machine can call."),
    ] = "127.0.0.1:8080"
    webhook: Annotated[Webhooks, Field(description="Calls of git servers.")] = Field(
        default_factory=shared(Webhooks)
    )


class Settings(Model):
    """The operator's file."""

    api_version: Annotated[
        Literal["settings.yardarm.dev/v1alpha1"], Field(description="Version of this format.")
    ]
    kind: Annotated[Literal["Settings"], Field(description="Kind of the document.")]
    state_dir: Annotated[LocalPath, Field(description="Where caches lie; they may be lost.")] = (
        ".yardarm/state"
    )
    sources: Annotated[Mapping[DnsLabel, Source], Field(description="Config repositories by name.")] = Field(
        default_factory=dict
    )
    clusters: Annotated[Mapping[DnsLabel, Cluster], Field(description="Clusters by name.")] = Field(
        default_factory=dict
    )
    units: Annotated[
        tuple[Unit, ...], Field(description="Environments, each bound to a source and a cluster.")
    ] = ()
    serve: Annotated[
        Maybe[Serve], Field(description="What yardarm run answers over HTTP; by default nothing.")
    ] = None
    notify: Annotated[tuple[Notify, ...], Field(description="Who is told what became of environments.")] = ()
