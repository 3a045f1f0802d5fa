"""Does it work, and if not, why? Pure: objects, pods, events and the time go in; a state with a reason comes out.

Reasons quote what servers say as it is; whoever shows them makes them safe to show.
"""

from yardarm_reconciler.health.batch import in_queue
from yardarm_reconciler.health.judge import judge
from yardarm_reconciler.health.rollup import Surroundings, rollup, worst
from yardarm_reconciler.health.subject import Subject

__all__ = ["Subject", "Surroundings", "in_queue", "judge", "rollup", "worst"]
