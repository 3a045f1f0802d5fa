"""``yardarm explain``: what a diagnostic means, and what to do about it."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Mapping

import click

import yardarm_reconciler
from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.model.origin import Code, UserError


@click.command(name="explain")
@click.argument("code", required=False)
def command(code: str | None) -> int:
    """Explain a diagnostic CODE, or list all codes, or those of one area.

    \b
    Examples:
      yardarm explain budget/team-exceeded
      yardarm explain budget
      yardarm explain
    """
    codes = every_code()
    areas = {name.partition("/")[0] for name in codes}
    if code is None or code in areas:
        for name in sorted(codes):
            if code in {None, name.partition("/")[0]}:
                click.echo(f"{name:40} {codes[name].title}")
        return exits.FINE
    if code not in codes:
        near = difflib.get_close_matches(code, [*codes, *areas], 1)
        raise UserError(
            f"there is no code {code!r}{f'; did you mean {near[0]!r}?' if near else ''}",
            exit_code=exits.USAGE,
        )
    found = codes[code]
    click.echo(f"{found.severity}[{found.name}] {found.title}\n\n{found.why}")
    look = screen.look()
    for label, text in (("Bad", found.bad), ("Good", found.good)):
        if text:
            indented = "\n".join(f"  {line}" for line in text.rstrip().splitlines())
            click.echo(f"\n{look.say(label)}:\n{indented}")
    return exits.FINE


def every_code() -> Mapping[str, Code]:
    """Every diagnostic that any module declares, by name.

    Each is a constant of the stage that finds it; to look for them is cheaper than a list that someone forgets.
    """
    codes: dict[str, Code] = {}
    for module in pkgutil.walk_packages(yardarm_reconciler.__path__, "yardarm_reconciler."):
        if ".cli." not in module.name and not module.name.endswith(".cli"):
            members = vars(importlib.import_module(module.name)).values()
            codes |= {value.name: value for value in members if isinstance(value, Code)}
    return codes
