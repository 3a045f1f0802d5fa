"""``yardarm plan``: what a change of git would do to every environment."""

from __future__ import annotations

from pathlib import Path

import click

from yardarm_reconciler.cli import completing, exits, formats, screen
from yardarm_reconciler.cli.repositories import Pinned, as_it_lies, at_revision, repository_option
from yardarm_reconciler.cli.wiring import looking
from yardarm_reconciler.forecast import forecast
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.model.plan import Plan
from yardarm_reconciler.ports import Tree
from yardarm_reconciler.report import plan, plan_json, plan_markdown
from yardarm_reconciler.report.text import Look
from yardarm_reconciler.source.git import Git, installed
from yardarm_reconciler.source.local import default_branch, discover, fork_point

FORMATS = ("human", "concise", "json", "markdown")

FORK = "..."
"""Behind a revision: where the head left it, as ``git diff main...`` means it."""


@click.command(name="plan")
@click.option(
    "--base", metavar="REV", help="Compare with this commit.  [where the head left the default branch]"
)
@click.option("--head", metavar="REV", help="Plan this commit.  [the files as they lie]")
@click.option(
    "-e",
    "--environment",
    metavar="ENV",
    shell_complete=completing.environments,
    help="Only this environment.  [all]",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 where anything would change.")
@repository_option
@formats.options(FORMATS, "How to print it; markdown is one comment of a pull request.")
def command(
    base: str | None,
    head: str | None,
    environment: str | None,
    repository: Path,
    form: str,
    files: formats.Files,
    *,
    exit_code: bool,
) -> int:
    """Show what a change would do: objects, devices and money, before and after, in every environment.

    No cluster is asked: desired is compared with desired. REV... (with three dots) means the commit at which the head
    left REV. Exit code 1 means that something is wrong with the head, 3 that a guard would hold something.

    \b
    Examples:
      yardarm plan
      yardarm plan --base HEAD~1 --head HEAD
      yardarm plan --base origin/main... --format markdown --output-file json=plan.json
    """
    git = installed()
    root = discover(git, repository)
    new = at_revision(git, root, head) if head else as_it_lies(git, root)
    old = at_revision(git, root, _base(git, root, base, head or "HEAD"))
    with looking() as made:
        found = forecast(_tree(old), _tree(new), made, environment)
    if environment is not None and not found.environments:
        raise UserError(f"neither revision has an environment {environment!r}", exit_code=exits.USAGE)
    code = exits.worst([exits.of_plan(found), exits.FOUND if exit_code and found.changes else exits.FINE])
    formats.deliver(form, files, lambda each, look: _answer(each, look, found, code))
    return code


def _answer(form: str, look: Look, found: Plan, code: int) -> str:
    match form:
        case "json":
            return plan_json.plan(found, screen.VERSION, code)
        case "markdown":
            return plan_markdown.comment(found, screen.VERSION)
        case "concise":
            return plan.concise(found, look)
        case _:
            return plan.human(found, look)


def _base(git: Git, root: Path, base: str | None, head: str) -> str:
    """The revision to compare with: one that was named, or the point where the head left a branch."""
    if base is None:
        return fork_point(git, root, default_branch(git, root), head)
    if base.endswith(FORK):
        return fork_point(git, root, base.removesuffix(FORK), head)
    return base


def _tree(source: Pinned) -> Tree:
    return source.tree(source.revision)
