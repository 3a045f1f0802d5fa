"""Pages of the site that are made from the program: every diagnostic, every command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

import click

from yardarm_reconciler.cli import entry, explain
from yardarm_reconciler.model.origin import Code

WIDTH = 100


def pages() -> Mapping[str, str]:
    """All of them, by where they lie in the site."""
    codes = explain.every_code()
    made = {f"diagnostics/{area}.md": _area(area, found) for area, found in _areas(codes)}
    return {**made, "diagnostics/README.md": _list_of(codes), "reference/commands.md": _commands()}


def _areas(codes: Mapping[str, Code]) -> Iterator[tuple[str, list[Code]]]:
    for area, names in groupby(sorted(codes), key=lambda name: name.partition("/")[0]):
        yield area, [codes[name] for name in names]


def _list_of(codes: Mapping[str, Code]) -> str:
    chapters = ""
    for area, found in _areas(codes):
        lines = (f"- [{code.name}]({area}.md#{_anchor(code)}): {_safe(code.title)}\n" for code in found)
        chapters += f"\n## {area}\n\n{''.join(lines)}"
    return (
        "# Diagnostics\n\n"
        "Every problem has a code, such as `budget/team-exceeded`. It is the same in the terminal, in the comment of a pull "
        "request, in SARIF and in JSON, and it never changes; the words may. `yardarm explain CODE` says the same as "
        f"these pages.\n{chapters}"
    )


def _area(area: str, codes: list[Code]) -> str:
    return f"# Diagnostics: {area}\n{''.join(map(_code, codes))}"


def _code(code: Code) -> str:
    examples = "".join(
        f"\n{label}:\n\n```text\n{text.rstrip()}\n```\n"
        for label, text in (("Wrong", code.bad), ("Right", code.good))
        if text
    )
    head = f"## {code.name} {{#{_anchor(code)}}}"
    return f"\n{head}\n\n**{_safe(code.title)}** ({code.severity})\n\n{_safe(code.why)}\n{examples}"


def _anchor(code: Code) -> str:
    return code.name.replace("/", "-")


def _safe(text: str) -> str:
    """A text as it is, where Markdown would read marks and HTML."""
    for special in ("\\", "<", "*", "_", "["):
        text = text.replace(special, f"&#{ord(special)};")
    return text


def _commands() -> str:
    """What ``--help`` says of each command, in the order in which it lists them."""
    context = _context(entry.program, "yardarm", None)
    text = f"# Commands\n\n```text\n{entry.program.get_help(context)}\n```\n"
    for name in entry.program.list_commands(context):
        command = entry.program.get_command(context, name)
        if command is not None:
            help_ = command.get_help(_context(command, name, context)).rstrip()
            text += f"\n## yardarm {name}\n\n```text\n{help_}\n```\n"
    return text


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(command, parent, name, terminal_width=WIDTH, max_content_width=WIDTH)
