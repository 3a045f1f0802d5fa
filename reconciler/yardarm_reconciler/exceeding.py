"""What somebody made of our pods: more devices, or more access, than what was applied, whoever's the fields are.

Server-side apply leaves the fields of others alone, and so do we, where no person set them: but budgets and security
were checked on what we applied, and hold for what runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from yardarm_reconciler.expand.restricted import CONTAINER_LISTS, problems
from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.manifest import Manifest, Object
from yardarm_reconciler.model.origin import Code
from yardarm_reconciler.model.pod_template import Template
from yardarm_reconciler.model.walker import MALFORMED, templates
from yardarm_schema.units import parse_quantity

FOREIGN_FIELD = Code(
    "policy/foreign-field",
    title="Somebody gave an object of ours more than was applied",
    why=(
        "Budgets and security are checked on what a commit asks for. What another program adds to the object in the "
        "cluster escapes that, and is not undone: it is theirs."
    ),
    bad="a webhook that adds a container with nvidia.com/gpu: 8 to a Deployment",
    good="the same devices asked for in the spec, where they are counted",
)


def exceeding(manifest: Manifest, live: Object, declared: Declared) -> str:
    """What the pods of a live object take or may do beyond those that were applied; empty for nothing."""
    applied = {template.path: template for template in templates(manifest.body, declared)}
    try:
        running = templates(live, declared)
    except MALFORMED:
        found = ["its pods cannot be found where its kind has them"]
    else:
        found = [problem for each in running for problem in _more(applied.get(each.path), each)]
    if not found:
        return ""
    return f"{FOREIGN_FIELD.name}: {manifest.key.kind}/{manifest.key.name}: {'; '.join(found)}"


def _more(applied: Template | None, live: Template) -> Iterator[str]:
    before = {message for _, message in problems(applied.spec, frozenset())} if applied else set()
    for _, message in problems(live.spec, frozenset()):
        if message not in before:
            yield message
    had = _devices(applied.spec) if applied else Counter[str]()
    for resource, amount in sorted(_devices(live.spec).items()):
        if amount > had[resource]:
            yield f"a pod takes {amount} {resource}, not {had[resource]}"


def _devices(pod: Mapping[str, object]) -> Counter[str]:
    """Extended resources of all containers of a pod; what is started one after the other is counted together."""
    found: Counter[str] = Counter()
    for kind in CONTAINER_LISTS:
        containers = pod.get(kind)
        for container in containers if isinstance(containers, list | tuple) else ():
            limits = (container.get("resources") or {}).get("limits") or {}
            for resource, amount in limits.items():
                if "/" in resource:
                    found[resource] += int(parse_quantity(str(amount)))
    return found
