"""Which field an admission policy or webhook speaks of, where its words leave no doubt.

Nothing in their answers is meant for that, so only three forms count: the expression that failed, where it looks at one
field alone; a path at which a rule failed; and a sentence that begins with a field.
"""

from __future__ import annotations

import re

_PATH = r"(?:spec|metadata|data)(?:\.[A-Za-z][\w-]*|\[[^\]\s]*\])+"
_SENTENCE = re.compile(r"denied (?:the )?request: *(?P<sentence>.*)", re.DOTALL)
_EXPRESSION = re.compile(r"failed expression: (?P<expression>.*)", re.DOTALL)
_IN_EXPRESSION = re.compile(rf"\bobject\.(?P<path>{_PATH})(?P<call>\()?")
_AT_PATH = re.compile(r"\bat path /(?P<path>(?:spec|metadata|data)/[\w/.~-]*\w)")
_AT_FIRST = re.compile(rf"(?P<path>{_PATH})(?=[\s:,;]|$)")


def subject(message: str) -> str:
    """The path of the one field that a denial is about; empty where it may be several, or none."""
    denied = _SENTENCE.search(message)
    sentence = denied["sentence"].strip() if denied else ""
    if failed := _EXPRESSION.match(sentence):
        return _alone(failed["expression"])
    if rule := _AT_PATH.search(sentence):  # of Kyverno, in the manner of JSON pointers
        steps = (each.replace("~1", "/").replace("~0", "~") for each in rule["path"].split("/"))
        return "".join(f"[{each}]" if each.isdigit() else f".{each}" for each in steps).lstrip(".")
    first = _AT_FIRST.match(sentence)
    return first["path"] if first else ""


def _alone(expression: str) -> str:
    """The one field that an expression looks at; what it calls of it is no part of its path."""
    paths = {
        each["path"].rpartition(".")[0] if each["call"] else each["path"]
        for each in _IN_EXPRESSION.finditer(expression)
    }
    return paths.pop() if len(paths) == 1 else ""
