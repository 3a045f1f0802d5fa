"""Names of things: ours, Kubernetes' own and those that others chose."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from yardarm_schema.text import Text

LABEL = "[a-z](?:[-a-z0-9]*[a-z0-9])?"
SUBDOMAIN_PART = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{SUBDOMAIN_PART}(?:\.{SUBDOMAIN_PART})*"
_LABEL_NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"

DnsLabel: TypeAlias = Annotated[
    str,
    Text(
        "name",
        LABEL,
        "a name of at most 63 lower-case letters, digits and dashes that starts with a letter",
        63,
        "qwen3-32b",
    ),
]
"""A name of ours: a DNS label (RFC 1035)."""

PartName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        LABEL,
        "a name of at most 24 lower-case letters, digits and dashes that starts with a letter",
        24,
        "worker",
    ),
]
"""The name of a role or step: short, for it stands in the names of objects beside that of the workload."""

ObjectName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        _SUBDOMAIN,
        "the name of an object: lower-case letters, digits, dashes and dots",
        253,
        "registry-login",
    ),
]
"""The name of a Kubernetes object that others made: a DNS subdomain (RFC 1123)."""

PortName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        "(?:[0-9]+-)*[a-z](?:-?[a-z0-9])*",
        "a port's name: at most 15 lower-case letters, digits and dashes",
        15,
        "http",
    ),
]
EnvName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        "[A-Za-z_][A-Za-z0-9_]*",
        "a variable's name: letters, digits and underscores",
        253,
        "LOG_LEVEL",
    ),
]
DataKey: TypeAlias = Annotated[
    str,
    Text(
        "name",
        "[-._a-zA-Z0-9]+",
        "a key of a Secret or ConfigMap: letters, digits, dashes, dots",
        253,
        "token",
    ),
]
QualifiedName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        f"(?:{_SUBDOMAIN}/)?{_LABEL_NAME}",
        "a label's key: [prefix/]name",
        253 + 1 + 63,
        "example.com/cost-centre",
    ),
]
"""The key of a label or annotation, or the name of a resource."""

QualifiedResource: TypeAlias = Annotated[
    str,
    Text(
        "name",
        rf"[a-z]+(?:/[a-z]+)?(?:\.{_SUBDOMAIN})?",
        "a resource: its plural name, and its group if it has one",
        253,
        "leases.coordination.k8s.io",
    ),
]
"""A resource of the API as ``kubectl api-resources`` lists it: plural name, then the group."""

LabelValue: TypeAlias = Annotated[
    str,
    Text(
        "label", f"(?:{_LABEL_NAME})?", "a label's value: at most 63 letters, digits, dashes, dots", 63, "a-1"
    ),
]
Word: TypeAlias = Annotated[
    str,
    Text("word", _LABEL_NAME, "a word of at most 63 letters, digits, dashes, dots and underscores", 63, "r2"),
]
