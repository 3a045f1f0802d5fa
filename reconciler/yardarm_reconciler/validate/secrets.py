"""Secrets that were written where everyone can read them. What they are is never repeated."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from yardarm_reconciler.model.node import Entry, Node
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.validate.codes import SECRET

_SHORTEST = 16
"""No token that a service issues is shorter; placeholders such as EMPTY or changeme are."""

_ENTROPY = 3.0
"""Bits for each character of a value that its name says is secret: words have less, random text more."""

_ISSUED = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY",
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    "a GitLab token": r"\bglpat-[-A-Za-z0-9_]{20,}",
    "a Hugging Face token": r"\bhf_[A-Za-z]{30,}",
    "a Slack token": r"\bxox[abeoprs]-[-A-Za-z0-9]{10,}",
    "a Google API key": r"\bAIza[-A-Za-z0-9_]{35}",
    "a Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{20,}",
    "an API key": r"\bsk-(?:(?:proj|svcacct|admin|ant|or)-[-A-Za-z0-9_]{20,}|[A-Za-z0-9]{32,})",
    "a JSON Web Token": r"\beyJ[-A-Za-z0-9_]{8,}\.eyJ[-A-Za-z0-9_]{8,}\.[-A-Za-z0-9_]{8,}",
    "a URL with a password": r"\b[a-z][a-z0-9+.-]*://[^/\s:@$<{]*:[^/\s:@$<{]{3,}@[^\s/]",
}
_ANY = re.compile("|".join(f"({pattern})" for pattern in _ISSUED.values()))
_NAMES = tuple(_ISSUED)

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|(?:ACCESS|SECRET|PRIVATE|ENCRYPTION)_KEY)$",
    re.IGNORECASE,
)
_RANDOM = re.compile(
    r"(?=.*[0-9])(?=.*[A-Za-z])(?:[A-Za-z0-9+_=~!@#%^&*.-]+|(?=.*[A-Z])[A-Za-z0-9][A-Za-z0-9/+]{39})"
)
"""Letters and digits, no path and no reference; with slashes only as AWS makes its secret keys."""


_PAIR = re.compile(r"""([A-Za-z_]\w*)["']?\s*[:=]\s*(?:[&!]\S*\s+)*["']?([^\s"',:}]+)""")
"""A name and what is written after it, wherever in a line."""

_ENCODED = re.compile(r"\s*[A-Za-z0-9+/=]{40,}\s*")
"""A line of nothing else, as those of a private key are."""


def shows_secret(line: str) -> bool:
    """Whether a line of source must not be printed, however broken the document around it is."""
    return bool(_ANY.search(line) or _ENCODED.fullmatch(line)) or _paired(line)


def what_secret(name: str, value: str) -> str:
    """What a text that stands at a name seems to be a secret of, or nothing: for what is no document of ours."""
    if "\n" in value:
        return "a secret" if any(_ANY.search(line) or _paired(line) for line in value.split("\n")) else ""
    return _kind(name, value) if len(value) >= _SHORTEST else ""


def _paired(line: str) -> bool:
    return any(len(value) >= _SHORTEST and bool(_kind(name, value)) for name, value in _PAIR.findall(line))


def secrets(node: Node) -> Iterator[Diagnostic]:
    """Say where a document holds what looks like a secret."""
    waiting: list[tuple[str, Node]] = [("", node)]
    while waiting:
        name, current = waiting.pop()
        value = current.value
        if isinstance(value, str):
            if len(value) >= _SHORTEST and (what := _kind(name, value)):
                yield SECRET.at(
                    current.place,
                    f"This looks like {what} ({len(value)} characters, not shown)",
                    fix="revoke it, and refer to a Secret: {secret: name, key: key}",
                )
        elif isinstance(value, dict):
            waiting += [(_called(key, value), entry.node) for key, entry in value.items()]
        elif isinstance(value, tuple):
            waiting += [("", item) for item in value]


def _called(key: str, siblings: Mapping[str, Entry]) -> str:
    """The name of what stands at a key; in patches and manifests the ``value`` of a variable stands beside its name."""
    named = siblings.get("name") if key == "value" else None
    return named.node.value if named is not None and isinstance(named.node.value, str) else key


def _kind(name: str, value: str) -> str:
    """What a text seems to be: by its form, or by its name and how random it is; else nothing."""
    if found := _ANY.search(value):
        return _NAMES[(found.lastindex or 1) - 1]
    if _SECRET_NAME.search(name) and _RANDOM.fullmatch(value) and _entropy(value) >= _ENTROPY:
        return f"the value of {name}"
    return ""


def _entropy(text: str) -> float:
    """Shannon entropy in bits for each character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
