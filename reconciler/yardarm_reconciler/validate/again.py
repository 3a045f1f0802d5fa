"""What was read of a document before is used again: one that is the same says the same under the same platform specs.

A commit changes one file of a thousand. Files that are the same are composed once, so their documents are known by identity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from yardarm_reconciler.model.document import Document
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Found

Read: TypeAlias = Callable[[Document], Found[Any]]
"""A document as what it says, with all that is wrong with it by itself."""


@dataclass(slots=True)
class Readings:
    """What the workload documents of the last revision said, and the platform specs beside them."""

    _platform: tuple[Node, ...] = ()
    _known: dict[int, tuple[Node, Found[Any]]] = field(default_factory=dict)

    def under(self, platform: tuple[Node, ...], read: Read) -> Read:
        """Read the documents of another revision: what is not met again there is forgotten."""
        before = self._known if platform == self._platform else {}
        self._platform, self._known = platform, {}

        def again(document: Document) -> Found[Any]:
            # With each reading its node is kept, so that no other can get its identity meanwhile.
            known = before.get(id(document.node))
            found = known[1] if known else read(document)
            self._known[id(document.node)] = document.node, found
            return found

        return again
