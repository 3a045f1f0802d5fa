"""All that a team has, from one unit to another: each step is durable before the next, and may be done again.

From the first step on neither unit writes anything of it, until the last but one makes it the other's: a death at any
moment deletes nothing and starts nothing twice.
"""

from __future__ import annotations

from yardarm_reconciler.decide.handing import Handover, giving, owning, received, receiving
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import PART_OF, part_of
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.ports import Labels, Refused


def hand_over(asked: Handover, giver: Journal, taker: Journal, cluster: Labels) -> None:
    """Hand over, or finish what was begun.

    Raises:
        UserError: the cluster refuses to label an object; to be done again.
        TransientError: the cluster does not answer; as above.
        FencedError: another process writes to one of the units; as above.
    """
    records = [each for each in asked.records.values() if each.team not in asked.taken]
    if records:
        if taker.parent is None:
            taker.begin(lambda parent: receiving(parent, asked))
        taker.update_parent(lambda parent: receiving(parent, asked))
        giver.update_parent(lambda parent: giving(parent, asked))
        taker.write_ahead(received(each, asked.taker) for each in records)
        _relabel(asked, cluster)
    if taker.parent is not None:
        taker.update_parent(lambda parent: owning(parent, asked))
    for id_ in asked.records:
        giver.drop(id_)
    giver.flush()


def _relabel(asked: Handover, cluster: Labels) -> None:
    """Let the other unit's label find them; what is gone, or another's by now, stays so."""
    for key, uid in asked.objects:
        answer = cluster.relabel(key, uid, PART_OF, part_of(asked.taker.id))
        if isinstance(answer, Refused):
            raise UserError(f"{key} cannot be labelled: {answer.message}", exit_code=4)
