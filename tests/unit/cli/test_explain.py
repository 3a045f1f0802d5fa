"""The registry of diagnostics: every code is declared once and says what it means."""

import importlib
import pkgutil
import re

import yardarm_reconciler
from yardarm_reconciler.cli.explain import every_code
from yardarm_reconciler.model.origin import Code

AREAS = frozenset(
    [
        "yaml",
        "edit",
        "git",
        "repository",
        "document",
        "field",
        "model",
        "reference",
        "accelerator",
        "capability",
        "budget",
        "policy",
        "scaling",
        "route",
        "security",
        "team",
        "platform",
        "environment",
        "name",
        "namespace",
        "run",
        "prune",
        "apply",
        "plan",
        "health",
        "cluster",
    ]
)


def declared() -> list[Code]:
    """Every code object of every module, each once."""
    modules = pkgutil.walk_packages(yardarm_reconciler.__path__, "yardarm_reconciler.")
    values = [value for module in modules for value in vars(importlib.import_module(module.name)).values()]
    return list({id(value): value for value in values if isinstance(value, Code)}.values())


def test_a_code_is_declared_once():
    """Two declarations of one name could disagree."""
    names = sorted(code.name for code in declared())

    assert names == sorted(set(names))


def test_a_code_is_an_area_and_words():
    """``area/words-with-dashes``, with an area that people can learn."""
    odd = [name for name in every_code() if not re.fullmatch(r"[a-z]+/[a-z0-9]+(-[a-z0-9]+)*", name)]

    assert odd == []
    assert {name.partition("/")[0] for name in every_code()} <= AREAS


def test_a_code_says_why():
    """A title without a reason explains nothing."""
    assert [code.name for code in every_code().values() if not (code.title and code.why)] == []
