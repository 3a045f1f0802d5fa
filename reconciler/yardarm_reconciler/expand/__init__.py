"""From resolved specs to Kubernetes manifests: one module a kind, and a last check of what came out."""

from yardarm_reconciler.expand.environment import EXPANDERS, expand

__all__ = ["EXPANDERS", "expand"]
