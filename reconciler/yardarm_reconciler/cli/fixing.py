"""``validate --fix``: every repair that is certain, made in all files at once and proved by a second look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yardarm_reconciler.cli import writing
from yardarm_reconciler.cli.checked import Checked
from yardarm_reconciler.cli.revisions import check
from yardarm_reconciler.edit.repairs import Repaired, repaired
from yardarm_reconciler.edit.source import SourceFile, read
from yardarm_reconciler.load.files import reader
from yardarm_reconciler.model.document import ReadFile
from yardarm_reconciler.model.origin import Diagnostic, Edit, by_path
from yardarm_reconciler.ports import Tree
from yardarm_reconciler.report.patch import unified
from yardarm_reconciler.report.text import Look
from yardarm_reconciler.source.overlay import Overlay
from yardarm_reconciler.validate.secrets import shows_secret


@dataclass(frozen=True, slots=True)
class Fixed:
    """Files as they were and as they would be, how many problems that repairs and by what, and what is found then.

    ``tree`` is what it is found in.
    """

    before: Mapping[str, SourceFile]
    after: Mapping[str, SourceFile]
    problems: int
    edits: Mapping[Diagnostic, Edit]
    checked: Checked
    tree: Tree

    def difference(self, look: Look) -> str:
        """What changes, as a unified diff."""
        pairs = ((path, self.before[path].data, new.data) for path, new in sorted(self.after.items()))
        return "".join(unified(*each, look, shows_secret) for each in pairs)

    def write(self, root: Path) -> None:
        """Put it into the files.

        Raises:
            UserError: somebody else changed one of them meanwhile.
        """
        for path, new in self.after.items():
            writing.replace(root / path, self.before[path].data, new.data)


def fix(tree: Tree, checked: Checked, only: Sequence[str]) -> Fixed:
    """Repair what was found; a file in which something is not gone afterwards is left as it is."""
    read_file = reader(tree, tree.files())
    files = {path: found for path in by_path(checked.diagnostics) if (found := _read(read_file, path))}
    made = {
        path: done
        for path, problems in by_path(checked.diagnostics).items()
        if path in files and (done := repaired(files[path], problems))
    }
    while made:
        after = {path: done.file for path, done in made.items()}
        overlaid = Overlay(tree, {path: file.data for path, file in after.items()})
        again = check(overlaid).about(only)
        vain = _not_gone(made, checked, again)
        if not vain:
            edits = {problem: edit for done in made.values() for problem, edit in done.edits.items()}
            number = sum(len(done.problems) for done in made.values())
            return Fixed(files, after, number, edits, again, overlaid)
        made = {path: done for path, done in made.items() if path not in vain}
    return Fixed(files, {}, 0, {}, checked, tree)


def _read(read_file: ReadFile, path: str) -> SourceFile | None:
    data = read_file(path) if path else None
    return read(path, data).value if data is not None else None


def _not_gone(made: Mapping[str, Repaired], before: Checked, after: Checked) -> set[str]:
    """Files in which a problem is said as often as before it was repaired."""
    old, new = _counts(before.diagnostics), _counts(after.diagnostics)
    repaired_ = _counts(each for done in made.values() for each in done.problems)
    return {key[0] for key, number in repaired_.items() if new[key] > old[key] - number}


def _counts(problems: Iterable[Diagnostic]) -> Counter[tuple[str, str, str]]:
    return Counter((each.place.path, each.code.name, each.field) for each in problems)
