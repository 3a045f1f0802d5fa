"""The sum of a validation: one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from yardarm_reconciler.model.origin import Diagnostic, Edit
from yardarm_reconciler.report.text import Look, count, screen

ROOT_FILE = "yardarm.yaml"
"""What formats that need a file blame where none is: it is in every config repository."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What was looked at and what was found; ``objects`` are how many each environment renders.

    ``files`` are those that hold specs and were to be reported on; ``edits`` is what may be written for a problem.
    """

    revision: str
    specs: int
    objects: Mapping[str, int] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0
    files: tuple[str, ...] = ()
    edits: Mapping[Diagnostic, Edit] = field(default_factory=dict)


def human(result: Validation, look: Look) -> str:
    """``✓ 184 specs …`` or ``✗ 2 errors …``, and where to read on."""
    errors = sum(each.is_error for each in result.diagnostics)
    warnings = len(result.diagnostics) - errors
    if not errors:
        return _fine(result, warnings, look)
    files = len({each.place.path for each in result.diagnostics if each.place.path})
    found = f"{count(errors, 'error')}, {count(warnings, 'warning')} in {count(files, 'file')}"
    line = f"✗ {found} of {count(result.specs, 'spec')} ({result.seconds:.1f} s)"
    if certain := sum(each.repair is not None for each in result.diagnostics):
        line = f"{line} · --fix repairs {certain}"
    return _sum(line, "red", hint(result), look)


def _fine(result: Validation, warnings: int, look: Look) -> str:
    line = f"✓ {count(result.specs, 'spec')}{_rendered(result.objects)} ({result.seconds:.1f} s)"
    if warnings:
        line = f"{line} · {count(warnings, 'warning')}"
    return _sum(line, "green", hint(result), look)


def _rendered(objects: Mapping[str, int]) -> str:
    """``, 3 environments, 598 to 611 objects each rendered``."""
    if not objects:
        return ""
    least, most = min(objects.values()), max(objects.values())
    span = count(most, "object") if least == most else f"{least} to {most} objects"
    each = " each" if len(objects) > 1 else ""
    return f", {count(len(objects), 'environment')}, {span}{each} rendered"


def hint(result: Validation) -> str:
    """The code that is worth reading about first: the most frequent error, else the most frequent warning."""
    found = [each for each in result.diagnostics if each.is_error] or result.diagnostics
    names = Counter(each.code.name for each in found)
    return f"yardarm explain {min(names, key=lambda name: (-names[name], name))}" if names else ""


def _sum(line: str, colour: str, read_on: str, look: Look) -> str:
    text = look.say(f"{line} · {read_on}" if read_on else line)
    mark, _, rest = text.partition(" ")
    head, *more = look.fold(rest, look.columns - len(mark) - 1)
    return screen([f"{look.paint(colour, mark)} {head}", *(f"  {each}" for each in more)])
