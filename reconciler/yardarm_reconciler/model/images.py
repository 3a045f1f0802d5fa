"""What an environment demands of images: asked of a spec's fields, and again of what is rendered."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.model.origin import Code, Diagnostic, Place
from yardarm_schema.environment import Environment
from yardarm_schema.images import ImageRef

REGISTRY = Code(
    "policy/registry",
    title="Images may not come from this registry here",
    why="Environment.policy.registries lists where images are trusted to come from.",
    bad="image: docker.io/someone/tool:1",
    good="image: registry.example.com/nlp/tool:1",
)
DIGEST = Code(
    "policy/require-digest",
    title="The image is not pinned by its digest",
    why="A tag may point to another image tomorrow: what was reviewed would not be what runs.",
    bad="image: registry.example.com/nlp/api:1.4",
    good="image: registry.example.com/nlp/api:1.4@sha256:…",
)


def check(
    environment: Environment, environment_name: str, asked: ImageRef, place: Place, field: str = ""
) -> Iterator[Diagnostic]:
    """Hold one image against the environment's policy."""
    policy = environment.policy
    if policy.registries is not None and not any(_within(asked, each) for each in policy.registries):
        message = f"{environment_name} takes no images from {asked.full_repository}"
        note = f"allowed are: {', '.join(policy.registries)}"
        yield REGISTRY.at(place, message, note=note, field=field)
    if policy.require_digest and not asked.digest:
        message = f"{environment_name} demands images by digest"
        yield DIGEST.at(place, message, fix=f"{asked}@sha256:…", field=field)


def _within(image: ImageRef, registry: str) -> bool:
    """Whether an image comes from a registry or a part of one, at the boundary of a path."""
    return f"{image.full_repository}/".startswith(f"{registry}/")
