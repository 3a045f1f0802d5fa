"""What an entry and a live object say together: the restart table, as a pure function."""

from __future__ import annotations

import enum

from yardarm_reconciler.inventory.records import Entry, EntryState
from yardarm_reconciler.ports import Seen


class Standing(enum.StrEnum):
    """How we stand to an object that we want or once wanted."""

    ABSENT = "absent"
    """Not there: create it, or drop the entry of an object that is no longer wanted."""
    OURS = "ours"
    """There with the uid that we know."""
    LEARNED = "learned"
    """Ours by our own Apply entry, uid not known yet: the answer to a create was lost."""
    REIDENTIFIED = "reidentified"
    """Ours by our own Apply entry under another uid: restored from a backup. Updated, never pruned."""
    FOREIGN = "foreign"
    """Somebody else's, or never listed: adoption is an action of its own."""


def standing(entry: Entry | None, seen: Seen | None) -> Standing:
    """Decide by the inventory entry **and** our Apply entry; the label found it and proves nothing."""
    if seen is None:
        return Standing.ABSENT
    if entry is None:
        return Standing.FOREIGN
    if entry.uid and entry.uid == seen.uid:
        return Standing.OURS
    if not seen.ours:
        return Standing.FOREIGN
    return Standing.LEARNED if entry.state is EntryState.PENDING or not entry.uid else Standing.REIDENTIFIED
