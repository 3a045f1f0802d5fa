"""Repository: ``yardarm.yaml``, the root of a config repository."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from yardarm_schema.base import Maybe, Model
from yardarm_schema.metadata import ApiVersion
from yardarm_schema.places import Glob
from yardarm_schema.text import Text


class Repository(Model):
    """Where specs lie."""

    specs: Annotated[
        tuple[Glob, ...],
        Field(min_length=1, description="Directories, or patterns of files, that hold specs."),
    ]
    platform: Annotated[
        tuple[Glob, ...],
        Field(
            description="Those from which Environment, Team and AcceleratorClass are accepted; without any, nowhere."
        ),
    ] = ()
    ignore: Annotated[
        tuple[Glob, ...], Field(description="Directories, or patterns of files, that are no specs.")
    ] = ()
    version: Annotated[
        Maybe[
            Annotated[
                str,
                Text(
                    "version",
                    r"(?:>=|<=|==|!=|<|>|~=)[0-9]+(?:\.[0-9]+){0,2}(?:,(?:>=|<=|==|!=|<|>|~=)[0-9]+(?:\.[0-9]+){0,2})*",
                    "versions of Yardarm, such as >=0.1,<0.2",
                    100,
                    ">=0.1,<0.2",
                ),
            ]
        ],
        Field(description="Versions of Yardarm that may read this repository, such as >=0.1,<0.2."),
    ] = None


class RepositoryDocument(Model):
    """The root of a config repository."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Repository"], Field(description="Kind of the document.")]
    spec: Annotated[Repository, Field(description="What it is.")]
