"""How many pods a rollout brings up above the replicas that an object runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def surge(strategy: Mapping[str, Any], replicas: int) -> int:
    """Pods above ``replicas`` in a rollout; 25 % rounded up is what the server defaults."""
    if strategy.get("type") == "Recreate":
        return 0
    return share((strategy.get("rollingUpdate") or {}).get("maxSurge", "25%"), replicas)


def share(amount: int | str, replicas: int) -> int:
    """A number of pods, or a percentage of the replicas, rounded up; none where nothing is to run, which needs no successor."""
    if replicas == 0:
        return 0
    if isinstance(amount, int):
        return amount
    return math.ceil(replicas * int(amount.removesuffix("%")) / 100)
