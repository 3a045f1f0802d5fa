"""Whose an object is, by its label: asked where no list shows what our inventory knows."""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson

from yardarm_reconciler.inventory.records import PART_OF, part_of
from yardarm_reconciler.ports import Seen

APPLY_SET = re.compile(r"applyset-[-\w]+-v1")
"""What the label of an ApplySet looks like: https://kubernetes.io/docs/reference/labels-annotations-taints/"""


def label_of(body: Mapping[str, object]) -> str:
    """The label by which an object is listed, empty where it has none."""
    metadata = body["metadata"]
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    return str((labels or {}).get(PART_OF, ""))


def is_anothers(found: Seen, unit: str) -> bool:
    """Whether another unit, or any other ApplySet, has put its label in the place of ours: then it is that one's now."""
    label = label_of(orjson.loads(found.body))
    return label != part_of(unit) and APPLY_SET.fullmatch(label) is not None
