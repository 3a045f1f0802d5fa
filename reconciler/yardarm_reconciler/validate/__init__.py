"""From documents to typed specs: each is valid by itself, and each is whose it says it is."""

from yardarm_reconciler.validate.specs import validate

__all__ = ["validate"]
