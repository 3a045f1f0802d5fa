"""The images of the final pods, whatever brought them there: a patch or a raw manifest is held to the policy too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from yardarm_reconciler.expand.restricted import CONTAINER_LISTS
from yardarm_reconciler.model import images
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.pod_template import Template
from yardarm_reconciler.model.walker import templates
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.images import Image, ImageRef

NO_IMAGE = Code(
    "policy/no-image",
    title="A container has no image that can be read",
    why="Where it comes from could not be held against the environment's policy.",
    bad='image: ""',
    good="image: registry.example.com/nlp/api:1.4",
)

_IMAGE: TypeAdapter[ImageRef] = TypeAdapter(Image)


def check(workload: Resolved[Any], manifests: tuple[Manifest, ...]) -> Iterator[Diagnostic]:
    """Say which images of one workload's pods the environment does not take, at the lines that asked for them."""
    policy = workload.environment.policy
    if policy.registries is None and not policy.require_digest:
        return
    for item in manifests:
        found = templates(item.body, workload.environment.accounting)
        for image in sorted({text for template in found for text in _images(template)}):
            try:
                asked = _IMAGE.validate_python(image)
            except ValidationError:
                yield NO_IMAGE.at(
                    item.origin, f"{item.key.kind} {item.key.name} has a container without a readable image"
                )
                continue
            yield from images.check(workload.environment, workload.environment_name, asked, item.origin)


def _images(template: Template) -> Iterator[str]:
    """Every image of a pod: of its containers, and of its volumes."""
    for kind in CONTAINER_LISTS:
        for container in template.spec.get(kind) or ():
            yield str(container.get("image") or "")
    for volume in template.spec.get("volumes") or ():
        if isinstance(volume.get("image"), dict):
            yield str(volume["image"].get("reference") or "")
