"""From specs to what they mean in one environment: overrides, bindings, references, policy, budgets, identity."""

from yardarm_reconciler.resolve.environment import resolve

__all__ = ["resolve"]
