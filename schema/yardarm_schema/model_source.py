"""Models: where they come from, what they are called, and what is trained upon them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self, TypeAlias, get_args

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.images import IMAGE
from yardarm_schema.names import DnsLabel, ObjectName, Word
from yardarm_schema.places import AbsolutePath, RepoPath
from yardarm_schema.text import Text

Scheme: TypeAlias = Literal["hf", "s3", "gs", "oci", "pvc", "http", "https"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
FetchedScheme: TypeAlias = Literal["hf", "s3", "gs", "oci", "http", "https"]
"""Places that something has to be fetched from: a claim is mounted as it is."""

_WORD = "[A-Za-z0-9](?:[-A-Za-z0-9._]*[A-Za-z0-9])?"
_PATH = "(?:/[-A-Za-z0-9._=+,~]+)*/?"
_PART = r"(?:[-A-Za-z0-9_][-A-Za-z0-9._]*|\.[-A-Za-z0-9_][-A-Za-z0-9._]*)"
_CLAIM = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*"
_PATTERNS: Mapping[str, str] = {
    "hf": f"hf://(?:{_WORD}/)?{_WORD}(?:@{_WORD}(?:/{_WORD})*)?",
    "bucket": f"(?:s3|gs)://[a-z0-9][-a-z0-9._]*{_PATH}",
    "oci": f"oci://(?:{IMAGE})",
    "pvc": f"pvc://{_CLAIM}(?:/{_PART})*",
    "http": f"https?://[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?(?::[0-9]{{1,5}})?{_PATH}(?:@sha256:[0-9a-f]{{64}})?",
}
_COMMIT = re.compile("[0-9a-f]{40}")


class ModelUri(str):
    """Where a model or data come from, as written: ``scheme://location[@revision]``.

    ``location`` is what follows the scheme, without the revision; ``revision`` is a commit, branch or tag of Hugging
    Face, or the digest of an image, or of a file that is fetched by HTTP.
    """

    __slots__ = ("location", "revision", "scheme")

    scheme: Scheme
    location: str
    revision: str

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        scheme, _, rest = text.partition("://")
        made.scheme = next(each for each in SCHEMES if each == scheme)
        made.location, _, made.revision = rest.partition("@")  # no other part of any of them may have one
        return made

    @property
    def pinned(self) -> bool:
        """Whether it always means the same bytes, as far as its scheme can say so at all."""
        if self.scheme == "hf":
            return _COMMIT.fullmatch(self.revision) is not None
        return self.scheme not in ("oci", "http", "https") or bool(self.revision)

    @property
    def file(self) -> str:
        """The last part of the location: the name of the file, where it is that of a file."""
        return self.location.rstrip("/").rpartition("/")[2]


Uri: TypeAlias = Annotated[
    ModelUri,
    Text(
        "uri",
        "|".join(_PATTERNS.values()),
        "a place to fetch from: hf://org/name@commit, s3://bucket/path, gs://bucket/path, oci://image@sha256:…, "
        "pvc://claim/path or https://host/path@sha256:…",
        1024,
        "hf://Qwen/Qwen3-8B@b968826d9c46dd6066d109eabc6255188de91218",
        ModelUri,
    ),
]

ModelName: TypeAlias = Annotated[
    str,
    Text(
        "model",
        "[A-Za-z0-9](?:[-A-Za-z0-9._/:]*[A-Za-z0-9])?",
        "a model's name: letters, digits, dashes, dots, slashes and colons",
        253,
        "qwen3-8b",
    ),
]


_Cache: TypeAlias = Annotated[
    Maybe[DnsLabel],
    Field(
        description="Where it is kept once it is fetched: shared, node, none, or the name of a CacheClass.",
        examples=["shared"],
    ),
]
_Login: TypeAlias = Annotated[
    Maybe[ObjectName],
    Field(description="An existing Secret with what the place demands: HF_TOKEN, AWS_ACCESS_KEY_ID, …"),
]
_OwnLogin: TypeAlias = Annotated[
    Maybe[ObjectName],
    Field(
        description="An existing Secret with what the place demands; by default that of a model from the same kind of place."
    ),
]
_Room: TypeAlias = Annotated[
    Maybe[units.Bytes],
    Field(description="Room where it is fetched to, by default that of the CacheClass; a claim only grows."),
]


class Adapter(Model):
    """Weights that change a model a little, served beside it under their own name."""

    uri: Annotated[Uri, Field(description="Where they come from, as of a model.")]
    rank: Annotated[Maybe[int], Field(ge=1, le=4096, description="Rank of its matrices.")] = None
    size: _Room = None
    credentials: _OwnLogin = None


class _Source(Model):
    name: Annotated[
        Maybe[ModelName],
        Field(description="What the API calls the model; without it the workload's name."),
    ] = None
    adapters: Annotated[
        Mapping[DnsLabel, Adapter],
        Field(description="LoRA adapters that are served with it, by the name that the API calls them."),
    ] = Field(default_factory=dict)
    format: Annotated[
        Maybe[Word],
        Field(description="Format of its files, where the runtime cannot tell, as gguf.", examples=["gguf"]),
    ] = None


class FetchedModel(_Source):
    """A model that comes from somewhere."""

    uri: Annotated[Uri, Field(description="Where it comes from, such as hf://Qwen/Qwen3-8B@commit.")]
    cache: _Cache = None
    credentials: _Login = None
    size: _Room = None


class MountedModel(_Source):
    """A model that lies in one of the workload's volumes."""

    volume: Annotated[DnsLabel, Field(description="Key of the workload's volumes.", examples=["models"])]
    path: Annotated[
        Maybe[RepoPath], Field(description="Where in the volume it lies; without it, the whole.")
    ] = None


ModelSource: TypeAlias = Annotated[
    FetchedModel | MountedModel, Forms(keys={"uri": FetchedModel, "volume": MountedModel})
]


class Data(Model):
    """Files that a program needs besides its model."""

    uri: Annotated[Uri, Field(description="Where they come from, as of a model.")]
    path: Annotated[AbsolutePath, Field(description="Where they lie in the container.")]
    size: _Room = None
    cache: Annotated[
        Maybe[DnsLabel],
        Field(
            description="Where they are kept once they are fetched; by default as the model is.",
            examples=["shared"],
        ),
    ] = None
    credentials: _OwnLogin = None


class StartingModel(Model):
    """A model that a training starts from; its files lie in /mnt/models."""

    uri: Annotated[Uri, Field(description="Where it comes from, such as hf://Qwen/Qwen3-8B@commit.")]
    cache: _Cache = None
    credentials: _Login = None
    size: _Room = None


def uris(
    model: FetchedModel | MountedModel | StartingModel | None,
    models: Mapping[str, FetchedModel] | None,
    data: Mapping[str, Data],
) -> Iterator[tuple[tuple[str, ...], ModelUri]]:
    """Every place that something is fetched from, with the path to it in the spec."""
    named: dict[tuple[str, ...], FetchedModel | MountedModel | StartingModel] = {}
    if model is not None:
        named["model",] = model
    named |= {("models", name): each for name, each in (models or {}).items()}
    for path, each in named.items():
        if not isinstance(each, MountedModel):
            yield (*path, "uri"), each.uri
        for name, adapter in () if isinstance(each, StartingModel) else each.adapters.items():
            yield (*path, "adapters", name, "uri"), adapter.uri
    for name, files in data.items():
        yield ("data", name, "uri"), files.uri
