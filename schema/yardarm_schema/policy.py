"""What an environment demands of specs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from yardarm_schema.base import Maybe, Model
from yardarm_schema.model_source import Scheme
from yardarm_schema.names import QualifiedResource
from yardarm_schema.security import SecurityException
from yardarm_schema.text import Text

_REGISTRY = Text(
    "registry",
    r"[a-zA-Z0-9](?:[-a-zA-Z0-9.]*[a-zA-Z0-9])?(?::[0-9]{1,5})?(?:/[a-z0-9](?:[-a-z0-9._]*[a-z0-9])?)*",
    "a registry or a part of one, such as registry.example.com or docker.io/vllm",
    253,
    "registry.example.com/ai",
)


class Policy(Model):
    """What specs must keep to."""

    require_digest: Annotated[bool, Field(description="Whether images must be pinned by digest.")] = False
    require_route_auth: Annotated[
        bool, Field(description="Whether every route must say who may send requests: jwt or apiKey.")
    ] = False
    require_model_revision: Annotated[
        bool,
        Field(
            description="Whether models must be pinned: by commit on Hugging Face, images and files of web servers by digest."
        ),
    ] = False
    model_schemes: Annotated[
        Maybe[tuple[Scheme, ...]],
        Field(description="Places that models and data may come from, such as hf and s3; without it any."),
    ] = None
    registries: Annotated[
        Maybe[tuple[Annotated[str, _REGISTRY], ...]],
        Field(description="Registries, or parts of them, that images may come from; without it any."),
    ] = None
    resources: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    "name",
                    r"[A-Z][A-Za-z]*(?:\.[a-z](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z](?:[-a-z0-9]*[a-z0-9])?)*)?",
                    "a kind and its group, if it has one, such as Ingress.networking.k8s.io",
                    253,
                    "Ingress.networking.k8s.io",
                ),
            ],
            ...,
        ],
        Field(description="Kinds of objects that RawResources may hold besides the usual ones."),
    ] = ()
    forbid_patches: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    "path",
                    r"(?:[A-Z][A-Za-z]*:)?(?:[-A-Za-z0-9_/.]+|\*)(?:\[(?:[^\]]+|\*)\])?(?:\.(?:[-A-Za-z0-9_/]+|\*)(?:\[(?:[^\]]+|\*)\])?)*",
                    "a path, after a kind if not of pods, such as spec.containers[*].image or Service:spec.type",
                    512,
                    "spec.tolerations",
                ),
            ],
            ...,
        ],
        Field(
            description="What patches may not touch: paths in a pod's template, or Kind:path; * is any part of a path."
        ),
    ] = ()
    rules: Annotated[
        tuple[QualifiedResource, ...],
        Field(
            description="Resources that identity.rules of specs may give rights on, such as configmaps or "
            "leases.coordination.k8s.io."
        ),
    ] = ()
    require_fqdn_egress: Annotated[
        bool,
        Field(
            description="Whether host names in network.egress are refused where they would open all of them."
        ),
    ] = False
    exceptions: Annotated[
        tuple[SecurityException, ...],
        Field(description="Exceptions from Pod Security's level restricted that specs may name."),
    ] = ()
