"""Labels and annotations of an author's that only Yardarm may set."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.model.node import Node, descend
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.typed import shown
from yardarm_reconciler.validate.codes import RESERVED_LABEL

_OURS = ("yardarm.dev/", "applyset.kubernetes.io/")
"""How keys begin by which objects and pods are found: whose they are, of which part, of which run."""

_ALWAYS_SET = frozenset(
    f"app.kubernetes.io/{name}" for name in ("name", "instance", "part-of", "managed-by", "component")
)
"""Labels that every object has from us, so that another value would be lost without a word."""


def marks(document: Node) -> Iterator[Diagnostic]:
    """Say where a document's ``metadata`` has what is ours."""
    for field in ("labels", "annotations"):
        node, _, steps = descend(document, ("metadata", field))
        if steps != 2 or not isinstance(node.value, dict):  # noqa: PLR2004 - both steps
            continue
        for key, entry in node.value.items():
            if key.startswith(_OURS) or (field == "labels" and key in _ALWAYS_SET):
                yield RESERVED_LABEL.at(
                    entry.place,
                    f"{key} is set by Yardarm",
                    fix="leave it out",
                    field=f"metadata.{field}.{shown(key)}",
                )
