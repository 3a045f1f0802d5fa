"""Which values may be secrets. Where it is not certain, they are: a value too many is hidden, none too few."""

from __future__ import annotations

import re

from yardarm_reconciler.model.manifest import Object

BEFORE, AFTER = "*** (before)", "*** (after)"
"""What stands for a value that differs: without a digest, which would let low-entropy values be guessed."""

TELLTALE_NAME = re.compile(
    r"pass(wd|word|phrase|code)?(?![a-z])|pwd|secret|token|credential|key(?![a-z])|auth|cookie|session|private"
    r"|salt|dsn|conn(ection)?[-_.]?str|webhook",
    re.IGNORECASE,
)
"""Words in names of environment variables, flags and data keys whose values are secrets often enough."""

COUNTED_TOKENS = re.compile(r"tokeniz\w*|(max|min|num)\w*[-_]tokens?", re.IGNORECASE)
"""The tokens that models count are no secrets: ``TOKENIZERS_PARALLELISM``, ``--max-num-batched-tokens``."""

ASSIGNED = re.compile(rf"({TELLTALE_NAME.pattern})[\w-]*['\"]?\s*[=:]\s*\S", re.IGNORECASE)
"""A telltale name that is given a value inside a text: a script, a configuration file, an argument."""

ISSUED = r"\b(?:hf_|gh[pousr]_|github_pat_|glpat-|sk-|xox[abprs]-|AKIA|ASIA|AIza|eyJ)"
"""How tokens of hubs and clouds, and JWTs, begin."""

TELLTALE_VALUE = re.compile(rf"-----BEGIN |://[^/\s@]*:[^/\s@]+@|{ISSUED}\w")
"""Shapes of well-known secrets: PEM, user and password in a URL, tokens of hubs and clouds, JWTs."""

OPAQUE = re.compile(r"(?<![\w+/=@:-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[A-Za-z0-9+/_=-]{24,}(?![\w+/=-])")
"""A long run of letters and digits. Looked for only in text that a person is free to write."""

ADDRESS = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|[a-z0-9]+([-./_][a-z0-9]+)+")
"""What is long but public: commit ids, digests, and names of words joined by separators."""


TOLD = re.compile(
    rf"""(?P<name>(?:{TELLTALE_NAME.pattern})[\w-]*['"]?(?:\s*=\s*|:(?!//)\s*))
        (?!(?:Required|Invalid|Unsupported|Duplicate|Internal|Too|Not|Forbidden)\b)
        (?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;)}}\]]+)""",
    re.IGNORECASE | re.VERBOSE,
)
"""A telltale name with its value in a sentence of somebody else's; not the path of a field and what is wrong with it."""

OBJECT = re.compile(r"[A-Z][A-Za-z]+/[a-z0-9]+([-.][a-z0-9]+)*")
"""How people call an object: ``Deployment/api``."""

IN_URL = re.compile(r"(?<=://)[^/\s@]*@")
TOKEN = re.compile(rf"{ISSUED}[\w.-]+")
MASK = "***"


def without_secrets(said: str) -> str:
    """What a program of somebody else's says, with what may be secret in it masked."""
    said = IN_URL.sub(f"{MASK}@", TOKEN.sub(MASK, said))
    said = TOLD.sub(lambda match: f"{match['name']}{MASK}", said)
    return OPAQUE.sub(lambda run: run[0] if _is_public(run[0]) or OBJECT.fullmatch(run[0]) else MASK, said)


def may_be_secret(name: str, value: str) -> bool:
    """Whether a value that a person gave this name may be a secret (an env variable, a flag, a data key)."""
    if TELLTALE_NAME.search(COUNTED_TOKENS.sub("", name)):
        return True
    return looks_secret(value) or bool(ASSIGNED.search(COUNTED_TOKENS.sub("", value))) or _is_opaque(value)


def looks_secret(value: str) -> bool:
    """Whether a value has the shape of a secret, whatever it is called."""
    return bool(TELLTALE_VALUE.search(value))


def is_secret(body: Object) -> bool:
    """Whether every value of this object is to be hidden."""
    return body.get("kind") == "Secret"


def _is_opaque(value: str) -> bool:
    return any(not _is_public(match.group()) for match in OPAQUE.finditer(value))


def _is_public(run: str) -> bool:
    return ADDRESS.fullmatch(run) is not None
