"""Start-up time is part of the interface: a command imports what it needs and no more."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]

ALWAYS = {"click", "orjson", "yardarm_reconciler"}
MODELS = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
SPECS = {*ALWAYS, *MODELS, "yaml", "yardarm_schema"}

ALLOWED = {
    "--help": ALWAYS,
    "schema Service": SPECS,
    "validate": SPECS,
    "render -e dev": SPECS,
    "budget": SPECS,
    "cost": SPECS,
    "plan --base HEAD": SPECS,
    "explain Service.image": SPECS,
    "explain -e dev nlp/bge-m3": SPECS,
    "set-image nlp/bge-m3 ghcr.io/huggingface/a@sha256:DIGEST --dry-run": SPECS,
    "promote nlp/bge-m3 --from dev --to production --dry-run": SPECS,
    "fmt --check": SPECS,
    "new BatchJob another --team search --file examples/04-etl/another.yaml --dry-run": SPECS,
    "init OUT": SPECS,
    "import -f tests/cases/import/a-service-on-another-port-is-a-patch/manifests.yaml --team a": SPECS,
    "doctor": SPECS,
    "doctor -e dev --directory OUT": SPECS,
    "sync -e dev --directory OUT --working-tree": SPECS,
}
"""Every package that a command may import from outside of Python: one more here costs everybody time."""

PROGRAM = """
import json, sys
before = set(sys.modules)
from yardarm_reconciler.cli import main
try:
    main()
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})), file=sys.stderr)
"""


def imported(*command: str) -> set[str]:
    """The packages that a command imports, without Python's own; those with an underscore are interpreters' parts."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in {0, 1}, done.stderr
    names = json.loads(done.stderr.splitlines()[-1])
    return {name for name in names if not name.startswith("_")} - {*sys.stdlib_module_names, "cython_runtime"}


@pytest.mark.slow
@pytest.mark.parametrize("command", ALLOWED)
def test_a_command_imports_no_package_but_these(command: str, tmp_path: Path):
    """No client of Kubernetes, of git or of HTTP, no watcher and nothing for tables where none is used."""
    found = imported(*command.replace("OUT", str(tmp_path / "out")).replace("DIGEST", "0a" * 32).split())

    assert found - ALLOWED[command] == set()
    assert "yardarm_reconciler" in found
