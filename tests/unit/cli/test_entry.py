"""The words that a person types: what is nearly right is recognised."""

import pytest
from click.testing import CliRunner

from yardarm_reconciler.cli.entry import program
from yardarm_reconciler.model.origin import UserError


def test_a_misspelled_command_gets_the_one_that_is_meant():
    """As a field of a spec does; what is like none gets no guess."""
    near, far = (CliRunner().invoke(program, [name]) for name in ("validat", "zzz"))

    assert (near.exit_code, far.exit_code) == (2, 2)
    assert "did you mean 'validate'?" in near.output
    assert "did you mean" not in far.output


def test_an_area_lists_its_codes():
    """Whoever knows only the half of a code finds the rest."""
    done = CliRunner().invoke(program, ["explain", "budget"])

    assert done.exit_code == 0
    assert {line.partition("/")[0] for line in done.output.splitlines()} == {"budget"}


@pytest.mark.parametrize(
    ("asked", "meant"), [("budgets", "budget"), ("acelerator/unknown-class", "accelerator/unknown-class")]
)
def test_a_misspelled_code_gets_the_one_that_is_meant(asked: str, meant: str):
    """Areas and codes alike."""
    done = CliRunner().invoke(program, ["explain", asked])

    assert isinstance(done.exception, UserError)
    assert f"did you mean {meant!r}?" in str(done.exception)
