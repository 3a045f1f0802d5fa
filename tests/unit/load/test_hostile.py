"""No bytes can take the program down, hold it up, or pass for something they are not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.load.hostile import BOMBS, HOSTILE
from yardarm_reconciler.load import parsing
from yardarm_reconciler.load.composer import compose

PARSERS = [parsing.libyaml, parsing.pure_python]

# Run in a process of its own, which a crash or the limit of memory would end with a signal or a traceback.
BOUNDED = """
import resource, sys, time
from tests.unit.load.hostile import BOMBS
from yardarm_reconciler.load import parsing
from yardarm_reconciler.load.composer import compose
limit = 400 << 20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
parse = getattr(parsing, sys.argv[1])
for name, (data, code) in BOMBS.items():
    start = time.process_time()
    found = compose("bomb.yaml", data, parse)
    seconds = time.process_time() - start
    codes = [d.code.name for d in found.diagnostics if d.is_error]
    print(name, *codes[-1:], f"{seconds:.2f}", sep="|")
"""
SECONDS = {"libyaml": 1.0, "pure_python": 10.0}


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_wrong_is_said_at_its_place(name, parse):
    """Both parsers refuse the same files at the same places."""
    data, expected = HOSTILE[name]
    found = compose("f", data, parse)
    said = tuple(f"{d.place.line}:{d.place.column} {d.code.name}" for d in found.diagnostics if d.is_error)
    assert said == expected


@pytest.mark.parametrize("name", [name for name in HOSTILE if b"---\n" not in HOSTILE[name][0]])
def test_a_document_with_an_error_is_not_given(name):
    """Half a document could pass for a smaller one."""
    assert compose("f", HOSTILE[name][0]).value == ()


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("parser", SECONDS)
def test_bombs_cost_bounded_time_and_memory(parser):
    """Every bomb ends with its code, within seconds and 400 MiB, and never by a signal."""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, parser],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("|") for line in done.stdout.splitlines()]
    assert {line[0]: "".join(line[1:-1]) for line in lines} == {
        name: code for name, (_, code) in BOMBS.items()
    }
    assert {line[0]: line[-1] for line in lines if float(line[-1]) > SECONDS[parser]} == {}
