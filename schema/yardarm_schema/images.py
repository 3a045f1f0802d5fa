"""Container images, as they are written and what that names."""

from __future__ import annotations

from typing import Annotated, Self, TypeAlias

from yardarm_schema.text import Text

_HOST = "[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?"
_NAME_PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*"
IMAGE = (
    rf"(?:(?:{_HOST}(?:\.{_HOST})+(?::[0-9]{{1,5}})?|{_HOST}:[0-9]{{1,5}}|localhost)/)?{_NAME_PART}(?:/{_NAME_PART})*"
    r"(?::[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(?:@sha256:[a-f0-9]{64})?"
)


class ImageRef(str):
    """A container image as written: ``[registry/]repository[:tag][@sha256:digest]``.

    Grammar: https://github.com/distribution/reference; without a registry it is Docker Hub's.
    """

    __slots__ = ("digest", "registry", "repository", "tag")

    registry: str
    repository: str
    tag: str
    digest: str

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        rest, _, made.digest = text.partition("@")
        first, slash, path = rest.partition("/")
        if slash and (first == "localhost" or "." in first or ":" in first):
            made.registry, rest = first, path
        else:
            made.registry = "docker.io"
        made.repository, _, made.tag = rest.partition(":")
        if made.registry == "docker.io" and "/" not in made.repository:
            made.repository = f"library/{made.repository}"
        return made

    @property
    def full_repository(self) -> str:
        """``registry/repository`` with what was left out: ``docker.io/library/redis``."""
        return f"{self.registry}/{self.repository}"


Image: TypeAlias = Annotated[
    ImageRef,
    Text(
        "image",
        IMAGE,
        "an image: [registry/]repository[:tag][@sha256:…]",
        512,
        "registry.example.com/nlp/api:1.4",
        ImageRef,
    ),
]
