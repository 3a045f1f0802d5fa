"""What became of one step, as a value, and how a refusal reads."""

from __future__ import annotations

from dataclasses import dataclass

from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.inventory.records import EntryState
from yardarm_reconciler.model.change import Action, Change, FieldChange
from yardarm_reconciler.model.origin import NOWHERE
from yardarm_reconciler.ports import Gone, Refused, Seen


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer: what was asked may or may not have happened."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What the dry-run of a change said: refused, or the fields that would change.

    ``added`` is true where people added something, which it would leave; ``stale`` where it cannot be tried before its
    managed fields are renewed; ``replaces`` where the object cannot become
    what is wanted, and is made anew.
    """

    refused: Refused | Silence | None
    fields: tuple[FieldChange, ...] = ()
    same: bool = False
    added: bool = False
    stale: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one step."""

    step: Step
    action: Action
    reason: str = ""
    seen: Seen | None = None
    fields: tuple[FieldChange, ...] = ()
    finished: bool = False
    heard: bool = True
    """False where there was no answer: how the object is now is not known."""
    blamed: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """False where something of the workload is still to come: it is not its last good state yet."""
        return self.action not in {Action.FAILED, Action.CONFLICT, Action.SKIPPED}

    @property
    def visible(self) -> bool:
        """Past runs that nothing happened to, what stays retained, and entries that only go are no news."""
        past_run = self.step.manifest is None and self.step.verb is Verb.KEEP
        entry = self.step.entry
        retained = self.step.verb is Verb.RETAIN and entry is not None and entry.state is EntryState.RETAINED
        return not past_run and not retained and self.step.verb is not Verb.FORGET

    def change(self, todo: Todo) -> Change:
        """The same for the report."""
        origin = self.step.manifest.origin if self.step.manifest else NOWHERE
        if not origin.path and todo.record:
            origin = todo.record.origin
        cause = self.step.cause if self.action is not Action.UNCHANGED else None
        uid = self.step.seen.uid if self.step.seen else ""
        wanted = self.step.manifest.digest if self.step.manifest else ""
        return Change(
            self.step.key, self.action, cause, self.reason, origin, self.fields, uid, wanted, self.blamed
        )


def by_hand(added: tuple[str, ...]) -> tuple[FieldChange, ...]:
    """What people added to an object, as changes that are undone; not its values, which may be secret."""
    told = (each.rpartition(" ") for each in added)
    return tuple(FieldChange(path, f"set by {who.strip('()')}", "") for path, _, who in told)


def idle(step: Step) -> Result:
    """Steps that ask nothing of the cluster."""
    match step.verb:
        case Verb.KEEP:
            return Result(step, Action.UNCHANGED, step.reason, seen=step.seen)
        case Verb.CONFLICT:
            return Result(step, Action.CONFLICT, f"AdoptionRequired: {step.reason}")
        case Verb.RETAIN:
            return Result(step, Action.HELD, step.reason)
        case Verb.WAIT if step.pending:
            return Result(step, Action.SKIPPED, step.reason, seen=step.seen)
        case Verb.WAIT if step.seen is not None and step.seen.deleting and step.manifest is not None:
            return Result(step, Action.SKIPPED, step.reason, seen=step.seen)
        case _:
            return Result(step, Action.HELD, step.reason, seen=step.seen)


def refuse(step: Step, gate: Gate | None) -> Result:
    """A write that is not tried: refused itself by the dry-run, or beside one that was."""
    if gate is not None and gate.refused:
        return failed(step, gate.refused)
    return Result(step, Action.SKIPPED, "another object of this workload was refused")


def failed(step: Step, answer: object) -> Result:
    """A write that was tried in vain."""
    blamed = (answer.fields or (answer.about,)) if isinstance(answer, Refused) else ()
    return Result(
        step,
        Action.FAILED,
        why(answer),
        heard=not isinstance(answer, Silence),
        blamed=tuple(filter(None, blamed)),
    )


def why(answer: object) -> str:
    """One safe sentence about an answer that is not what was hoped for."""
    match answer:
        case Refused():
            where = f" ({', '.join(answer.fields)})" if answer.fields else ""
            return f"{answer.reason}: {answer.message}{where}"
        case Silence():
            return answer.reason
        case Gone():
            return "it was deleted while we looked; tried again"
        case _:
            return "another object has its name now; tried again"
