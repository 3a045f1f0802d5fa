"""Routes of the Gateway API in the words of a spec, and what they mean.

No patch may touch a route: what the field cannot say is named as a difference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from yardarm_reconciler.importing import fits
from yardarm_reconciler.importing.fits import fits as takes
from yardarm_reconciler.importing.grouping import Json

ANY_PATH: Json = {"type": "PathPrefix", "value": "/"}
OTHER_PORT = (
    "the route would lead to port {ours}, which the Service does not have: it has {theirs} in front of it"
)
_SECONDS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
_TIME = re.compile(r"(?:[0-9]{1,5}(?:h|m|s)){1,3}")


def route(given: Json) -> Json:
    """The field of a spec, as far as its first rule has words."""
    spec = given.get("spec") or {}
    rule: Json = next(iter(spec.get("rules") or ()), {})
    match: Json = next(iter(rule.get("matches") or ()), {})
    path = (match.get("path") or ANY_PATH).get("value", "/")
    timeout = (rule.get("timeouts") or {}).get("request")
    headers = {
        each["name"]: each["value"]
        for each in match.get("headers") or ()
        if each.get("type", "Exact") == "Exact"
    }
    host = next(iter(spec.get("hostnames") or ()), None)
    said = {
        **({"host": host} if host else {}),
        **({"path": path} if takes(fits.ROUTE_PATH, path) and path != "/" else {}),
        **({"headers": headers} if headers else {}),
        **(
            {"timeout": timeout}
            if timeout and _TIME.fullmatch(timeout) and not timeout.startswith("0")
            else {}
        ),
    }
    return {"route": said}


def gateway(given: Json) -> Json:
    """The gateway of an environment by which such a route is rendered."""
    spec = given.get("spec") or {}
    parent: Json = next(iter(spec.get("parentRefs") or ()), {})
    said = {
        "name": parent.get("name", "gateway"),
        "namespace": parent.get("namespace") or given["metadata"].get("namespace") or "default",
        "host": next(iter(spec.get("hostnames") or ()), "example.com"),
    }
    return (
        said
        if takes(fits.GATEWAY, said)
        else {"name": "gateway", "namespace": "gateways", "host": "example.com"}
    )


def other_port(given: Json, service: Json, pods: Mapping[str, int]) -> str:
    """Why a route cannot be said: it leads to a port of the Service that is another one in the pods."""
    for rule in (given.get("spec") or {}).get("rules") or ():
        for backend in rule.get("backendRefs") or ():
            for port in (service.get("spec") or {}).get("ports") or ():
                target = port.get("targetPort", port["port"])
                number = pods.get(target, target) if isinstance(target, str) else target
                if port["port"] == backend.get("port") and number != port["port"]:
                    return OTHER_PORT.format(ours=number, theirs=port["port"])
    return ""


def meaning(spec: Json, namespace: str) -> Json:
    """A route without what goes without saying, its rules by their numbers."""
    parents = [
        {
            **_without(each, {"group": "gateway.networking.k8s.io", "kind": "Gateway"}),
            "namespace": each.get("namespace") or namespace,
        }
        for each in spec.get("parentRefs") or ()
    ]
    rules = {str(number): _rule(each) for number, each in enumerate(spec.get("rules") or ())}
    return {**spec, "parentRefs": parents, "rules": rules}


def _rule(rule: Json) -> Json:
    matches = [
        {
            **each,
            "path": each.get("path") or ANY_PATH,
            "headers": sorted(
                ({**header, "type": header.get("type", "Exact")} for header in each.get("headers") or ()),
                key=str,
            ),
        }
        for each in rule.get("matches") or [{}]
    ]
    usual = {"group": "", "kind": "Service", "weight": 1}
    return {
        **rule,
        "timeouts": {what: _seconds(each) for what, each in (rule.get("timeouts") or {}).items()},
        "matches": matches,
        "backendRefs": [_without(each, usual) for each in rule.get("backendRefs") or ()],
    }


def _seconds(text: str) -> float | str:
    """How long a duration of the Gateway API is; the text where it is none."""
    if not re.fullmatch(r"(?:[0-9]{1,5}(?:h|m|s|ms)){1,4}", text):
        return text
    return sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"([0-9]+)(ms|h|m|s)", text))


def _without(given: Json, usual: Mapping[str, Any]) -> Json:
    return {key: value for key, value in given.items() if key not in usual or usual[key] != value}
