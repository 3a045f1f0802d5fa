"""What `yardarm doctor` looks at on this machine: programs, settings, the config repository."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from pathlib import Path

from yardarm_reconciler import __version__
from yardarm_reconciler.model.document import Specs
from yardarm_reconciler.model.origin import Found, TransientError, UserError
from yardarm_reconciler.report.doctor import Finding, Mark
from yardarm_reconciler.report.text import count
from yardarm_reconciler.settings import DEFAULT, VARIABLE, find, read
from yardarm_reconciler.source.git import installed

GIT_AT_LEAST = (2, 39)
"""Older ones do not know all the settings by which git is kept from doing more than it is asked for."""


def programs() -> Iterator[Finding]:
    """Yardarm with its Python, and git."""
    yield Finding("yardarm", Mark.FINE, f"{__version__} on Python {platform.python_version()}")
    try:
        answer = installed().run("--version", directory=Path("/"))
    except (UserError, TransientError) as error:
        said = error.diagnostics[0].message if isinstance(error, UserError) and error.diagnostics else error
        yield Finding("git", Mark.WRONG, str(said), "install git 2.39 or newer, and put it into PATH")
        return
    version = answer.out.decode("utf-8", "replace").removeprefix("git version ").strip()
    yield git_of(version)


def git_of(version: str) -> Finding:
    """Whether a version of git is new enough."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers and (int(numbers[1]), int(numbers[2])) >= GIT_AT_LEAST:
        return Finding("git", Mark.FINE, version)
    return Finding("git", Mark.WRONG, f"{version or 'of no known version'}", "install git 2.39 or newer")


def settings(given: str | None) -> Finding:
    """The settings file: what it binds, or what is wrong with it."""
    path = find(given)
    if path is None:
        said = f"none (--config, ${VARIABLE}, {DEFAULT}); commands then need --directory or --context"
        return Finding("settings", Mark.NOTE, said)
    try:
        operator = read(path)
    except UserError as error:
        first = error.diagnostics[0] if error.diagnostics else error
        more = f" (and {len(error.diagnostics) - 1} more)" if len(error.diagnostics) > 1 else ""
        fix = error.diagnostics[0].fix if error.diagnostics else ""
        return Finding("settings", Mark.WRONG, f"{first}{more}", fix or f"correct {path}")
    units = ", ".join(each.unit.environment for each in operator.bound)
    return Finding("settings", Mark.FINE, f"{path} binds {units or 'no environment'}")


def specs(found: Found[Specs], revision: str) -> Finding:
    """What a revision of a config repository has, and what is wrong with it."""
    errors = sum(each.is_error for each in found.diagnostics)
    said = f"{count(len(found.value.loaded.documents), 'spec')} @ {revision}"
    if errors:
        return Finding("repository", Mark.WRONG, f"{said}, {count(errors, 'error')}", "yardarm validate")
    return Finding("repository", Mark.FINE, said)
