"""What an API server's refusal means, in our words.

Its own words are not repeated as they come: they print whole templates and, of an invalid Secret, its values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from yardarm_reconciler.kube.denials import subject
from yardarm_reconciler.kube.discovery import Resource
from yardarm_reconciler.kube.transport import Answer
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.redaction import without_secrets
from yardarm_reconciler.ports import Refused

_LONGEST = 200
_MOST_CAUSES = 3

_UNKNOWN_IN_TYPED = re.compile(r"\.([^\s:]+): field not declared in schema")
_WRONG_IN_TYPED = re.compile(
    r"\.([^\s:]+): (expected [a-z0-9 ,()]+, got [a-z0-9 ]+|duplicate entries)", re.IGNORECASE
)
_UNKNOWN_IN_STRICT = re.compile(r'unknown field "([^"]+)"')
_QUOTA = re.compile(r"exceeded quota: [^\n]*")
_RIGHT = re.compile(
    r'cannot [a-z]+ resource "[^"]*" in API group "[^"]*"(?: in the namespace "[^"]*"| at the cluster scope)'
)
_POLICY = re.compile(r"(?:ValidatingAdmissionPolicy '[^']*'|admission webhook \"[^\"]*\").*", re.DOTALL)
# `Invalid value: VALUE: detail`, where VALUE may be anything; only where its end is certain is the detail kept,
# and of that only what stands before a printed object (a refused change of a Pod prints the whole difference).
_DETAIL = re.compile(
    r"""(?:(?:Invalid|Unsupported)\ value:\ (?:"(?:[^"\\]|\\.)*"|-?[0-9.]+|true|false|null):[ ]
      | Too\ many:\ [0-9]+:\ | (?:Too\ long|Required\ value|Forbidden):\ )
      (?P<detail>[^\n{]*)""",
    re.VERBOSE,
)
_FIXED = {
    # Of a quota, or of the object in a race: the object's own conflicts are Exists, Gone and OtherIncarnation.
    HTTPStatus.CONFLICT: Refused("Conflict", "something was changed at the same moment", retryable=True),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Refused("Invalid", "it is larger than the API server takes"),
}


def refusal(answer: Answer, key: Key) -> Refused:
    """Say what a refused write of an object means."""
    message = str(answer.body.get("message", ""))
    match answer.status:
        case HTTPStatus.NOT_FOUND:
            return _missing(answer, key)
        case HTTPStatus.FORBIDDEN:
            return _forbidden(answer, message, key)
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            return invalid(answer, key)
        case HTTPStatus.BAD_REQUEST | HTTPStatus.INTERNAL_SERVER_ERROR:
            return _unfit(message)
    other = Refused("Invalid", f"the API server refused it (answer {answer.status})")
    return _FIXED.get(HTTPStatus(answer.status), other)


def causes(answer: Answer) -> tuple[Mapping[str, Any], ...]:
    """The machine-readable causes of a Status."""
    return tuple((answer.body.get("details") or {}).get("causes") or ())


def is_about(answer: Answer, resource: Resource, name: str) -> bool:
    """Tell whether a Status speaks of the object that we asked about, not of its namespace or a quota."""
    details = answer.body.get("details") or {}
    # Reads say the plural here, deletions the kind.
    return details.get("kind") in {resource.plural, resource.kind.kind} and details.get("name") == name


def invalid(answer: Answer, key: Key, reason: str = "Invalid") -> Refused:
    """Say which fields were refused, and why as far as no value is told by it."""
    found, fields = causes(answer), _blamed(answer)
    said = list(dict.fromkeys(_said(cause, key) for cause in found))
    more = f" (and {len(said) - _MOST_CAUSES} more)" if len(said) > _MOST_CAUSES else ""
    words = str(answer.body.get("message", ""))
    policy = _policy(words, key)
    message = policy or "; ".join(said[:_MOST_CAUSES]) + more or "the API server finds it invalid"
    return Refused(reason, message, fields, about=subject(words) if policy else "")


def _blamed(answer: Answer) -> tuple[str, ...]:
    """The fields of its causes, each once."""
    return tuple(dict.fromkeys(str(cause["field"]) for cause in causes(answer) if cause.get("field")))


def _missing(answer: Answer, key: Key) -> Refused:
    details = answer.body.get("details") or {}
    if details.get("kind") == "namespaces" and key.namespace:
        return Refused("NamespaceMissing", f"namespace {key.namespace} does not exist", retryable=True)
    return kind_missing(key)


def kind_missing(key: Key) -> Refused:
    """Say that nothing serves this kind."""
    return Refused(
        "KindMissing", f"the cluster does not serve {key.group_kind} in this version", retryable=True
    )


def _forbidden(answer: Answer, message: str, key: Key) -> Refused:
    if any(cause.get("reason") == "NamespaceTerminating" for cause in causes(answer)):
        return Refused("NamespaceTerminating", f"namespace {key.namespace} is being deleted", retryable=True)
    quota = _QUOTA.search(message)
    if quota:
        return Refused("QuotaExceeded", _short(quota.group()), retryable=True)
    policy = _policy(message, key)
    if policy:
        return Refused("Forbidden", policy, _blamed(answer), about=subject(message))
    right = _RIGHT.search(message)
    return Refused("Forbidden", f"we {right.group()}" if right else "admission forbids it")


def _policy(message: str, key: Key) -> str:
    """Words of an admission policy or webhook: written for people, but of a Secret they could tell a value."""
    found = _POLICY.search(message)
    if not found:
        return ""
    if key.kind == "Secret":
        return "an admission policy denied it"
    return _short(without_secrets(found.group()))


def _unfit(message: str) -> Refused:
    """A body that does not fit the schema: 500 from server-side apply of built-in kinds, 400 elsewhere."""
    unknown = tuple(dict.fromkeys(_UNKNOWN_IN_TYPED.findall(message) + _UNKNOWN_IN_STRICT.findall(message)))
    if unknown:
        return Refused("UnknownField", f"no such field: {', '.join(unknown[:_MOST_CAUSES])}", unknown)
    if "request to convert CR" in message:
        return Refused("StaleFields", "its managed fields are of a version that is served no longer")
    wrong = list(_wrong(message))
    if wrong:
        said = "; ".join(f"{field}: {what}" for field, what in wrong[:_MOST_CAUSES])
        return Refused("Invalid", _short(said), tuple(field for field, _ in wrong))
    return Refused("Invalid", "it does not fit the schema of its kind")


def _wrong(message: str) -> Iterator[tuple[str, str]]:
    for field, what in _WRONG_IN_TYPED.findall(message):
        yield field, what.strip()


def _said(cause: Mapping[str, Any], key: Key) -> str:
    """One cause as ``field: what is wrong``, without the value."""
    field, message = str(cause.get("field", "")), str(cause.get("message", ""))
    match = None if key.kind == "Secret" else _DETAIL.match(message)
    detail = match["detail"].strip() if match else ""
    if not detail and message.endswith("field is immutable"):
        detail = "field is immutable"
    what = detail or str(cause.get("reason", "")).removeprefix("FieldValue").lower() or "refused"
    return _short(f"{field}: {what}" if field else what)


def _short(text: str) -> str:
    """One line of printable characters."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
