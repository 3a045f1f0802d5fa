"""What is known of a cluster, and how events change it: values, no I/O.

Three things make this more than a table. News may be older than what our own writes returned: those are ignored. An
object that leaves a selection by its label may have lost only that: it is doubtful until somebody asks. And a change
of status is no drift: a view tells the two apart, so that drift is acted upon at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.versions import older
from yardarm_reconciler.ports import (
    Changed,
    Event,
    Listed,
    Removed,
    Restored,
    Seen,
    Selection,
    Unserved,
)


@dataclass(frozen=True, slots=True)
class Footing:
    """How far a view has come: equal ones say that nothing has happened in between.

    ``decisive`` goes up with every change that may call for a write, ``told`` with every change at all.
    """

    decisive: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """What is known of a cluster now.

    Args:
        listed: the objects of each selection that is followed.
        unlisted: objects that are known by name only, since their label is gone.
        doubtful: what left a selection and may still be there: one question decides.
        ended: uids of what our own deletes removed, with where they were: what is still heard of those is old.
        footing: how much has happened.
    """

    listed: Mapping[Selection, Mapping[Key, Seen]] = field(default_factory=dict)
    unlisted: Mapping[Key, Seen] = field(default_factory=dict)
    doubtful: frozenset[Key] = frozenset()
    ended: Mapping[str, Selection] = field(default_factory=dict)
    footing: Footing = field(default_factory=Footing)

    def objects(self, chosen: Callable[[Selection], bool]) -> dict[Key, Seen]:
        """All objects of some selections; what is known by name comes with them."""
        found = dict(self.unlisted)
        for selection, seen in self.listed.items():
            if chosen(selection):
                found |= seen
        return found


def absorb(view: View, events: Iterable[Event], decides: Callable[[Selection], bool]) -> View:
    """The view after some events, in their order; its counts go up where they say something new.

    ``decides`` tells the selections of our own objects from those that are read for health alone.
    """
    draft = _Draft(view, decides)
    for event in events:
        match event:
            case Listed():
                draft.list(event)
            case Changed():
                draft.change(event)
            case Removed():
                draft.remove(event)
            case Unserved():
                draft.drop(event.selection)
            case Restored():
                after = Footing(view.footing.decisive + 1, view.footing.told + 1)
                draft = _Draft(View(footing=after), decides)
    return draft.view()


def wrote(view: View, seen: Iterable[Seen], selections: Mapping[GroupKind, Selection]) -> View:
    """The view after writes of our own, by what they returned; an empty body means that the object is gone.

    ``selections`` are those of our own objects by kind. Our own writes are no news: no count goes up.
    """
    draft = _Draft(view, lambda _: False)
    for each in seen:
        selection = selections.get(each.key.group_kind)
        if selection is not None:
            draft.write(selection, each)
    return replace(draft.view(), footing=view.footing)


def answered(view: View, answers: Mapping[Key, Seen | None]) -> View:
    """The view after questions about single objects: there under their name, or not at all."""
    unlisted = {key: seen for key, seen in view.unlisted.items() if key not in answers}
    unlisted |= {key: seen for key, seen in answers.items() if seen is not None}
    return replace(view, unlisted=unlisted, doubtful=view.doubtful - answers.keys())


def forget(view: View, kinds: Iterable[GroupKind]) -> View:
    """The view without the objects of kinds that are not served: nobody deleted them."""
    gone = frozenset(kinds)
    return replace(
        view,
        listed={s: objects for s, objects in view.listed.items() if s.kind not in gone},
        unlisted={key: seen for key, seen in view.unlisted.items() if key.group_kind not in gone},
        doubtful=frozenset(key for key in view.doubtful if key.group_kind not in gone),
    )


def only(view: View, selections: Iterable[Selection]) -> View:
    """The view without what is not followed any more."""
    kept = frozenset(selections)
    if view.listed.keys() <= kept:
        return view
    return replace(view, listed={s: objects for s, objects in view.listed.items() if s in kept})


class _Draft:
    """A view while events are written into it; each selection is copied once, when it first changes."""

    def __init__(self, view: View, decides: Callable[[Selection], bool]) -> None:
        self._decides = decides
        self._listed = dict(view.listed)
        self._own: dict[Selection, dict[Key, Seen]] = {}
        self._unlisted = dict(view.unlisted)
        self._doubtful = set(view.doubtful)
        self._ended = dict(view.ended)
        self._decisive = view.footing.decisive
        self._told = view.footing.told

    def view(self) -> View:
        return View(
            listed=self._listed,
            unlisted=self._unlisted,
            doubtful=frozenset(self._doubtful),
            ended=self._ended,
            footing=Footing(self._decisive, self._told),
        )

    def list(self, event: Listed) -> None:
        before = self._listed.get(event.selection, {})
        found: dict[Key, Seen] = {}
        for seen in event.seen:
            if seen.uid not in self._ended:
                known = before.get(seen.key)
                found[seen.key] = known if known is not None and not _news(known, seen) else seen
        for key, known in before.items():
            if key not in found and older(event.version, known.resource_version):
                found[key] = known  # written after this was read
        there = {seen.uid for seen in event.seen}
        self._ended = {u: s for u, s in self._ended.items() if s != event.selection or u in there}
        for key in before.keys() | found.keys():
            self._note(event.selection, before.get(key), found.get(key), leaves=True)
        self._listed[event.selection] = self._own[event.selection] = found

    def change(self, event: Changed) -> None:
        seen, known = event.seen, self._listed.get(event.selection, {}).get(event.seen.key)
        if seen.uid in self._ended or (known is not None and not _news(known, seen)):
            return
        self._objects(event.selection)[seen.key] = seen
        self._note(event.selection, known, seen)

    def remove(self, event: Removed) -> None:
        self._ended.pop(event.uid, None)
        known = self._listed.get(event.selection, {}).get(event.key)
        if known is None or known.uid != event.uid or older(event.version, known.resource_version):
            return
        del self._objects(event.selection)[event.key]
        self._note(event.selection, known, None, leaves=not event.deleting)

    def write(self, selection: Selection, seen: Seen) -> None:
        known = self._listed.get(selection, {}).get(seen.key)
        self._unlisted.pop(seen.key, None)
        if not seen.body:
            self._ended[seen.uid] = selection
            if known is not None and known.uid == seen.uid:
                del self._objects(selection)[seen.key]
        elif known is None or _news(known, seen):
            self._objects(selection)[seen.key] = seen

    def drop(self, selection: Selection) -> None:
        for key, known in self._listed.pop(selection, {}).items():
            self._own.pop(selection, None)
            self._note(selection, known, None)
            self._doubtful.discard(key)

    def _objects(self, selection: Selection) -> dict[Key, Seen]:
        if selection not in self._own:
            self._listed[selection] = self._own[selection] = dict(self._listed.get(selection, {}))
        return self._own[selection]

    def _note(
        self, selection: Selection, before: Seen | None, after: Seen | None, *, leaves: bool = False
    ) -> None:
        """Count a change, and what to make of an object that comes or goes."""
        if before is after:
            return
        self._told += 1
        if not self._decides(selection):
            return
        if after is not None:
            self._unlisted.pop(after.key, None)
            self._doubtful.discard(after.key)
        elif before is not None and before.ours and leaves:
            self._doubtful.add(before.key)
        if before is None or after is None or _drifts(before, after):
            self._decisive += 1


def _news(known: Seen, seen: Seen) -> bool:
    """Whether what is heard of an object is not older than, nor the same as, what is known of it."""
    if known.resource_version == seen.resource_version:
        return known != seen
    return not older(seen.resource_version, known.resource_version)


def _drifts(before: Seen, after: Seen) -> bool:
    """Whether a write may depend on the change: anything but its status and what others own."""
    return (before.uid, before.ours, before.projection, before.deleting) != (
        after.uid,
        after.ours,
        after.projection,
        after.deleting,
    )
