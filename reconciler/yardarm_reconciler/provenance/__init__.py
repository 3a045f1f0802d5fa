"""Where every rendered value comes from, found by experiment: with another value there, which manifests are others?

Nothing in the expanders knows of this, and nothing is guessed: what is told is what would happen. A change that is not
valid tells nothing; so several are tried, and where none is valid that is said.
"""

from __future__ import annotations

from yardarm_reconciler.provenance.tracing import trace

__all__ = ["trace"]
