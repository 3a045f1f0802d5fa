"""From the bytes of a config repository to documents whose every value knows where it was written."""

from yardarm_reconciler.load.repository import load

__all__ = ["load"]
