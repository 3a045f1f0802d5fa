"""A container in the words of a spec: what its fields can say. The rest shows as a difference, and goes into the patch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yardarm_reconciler.importing import fits
from yardarm_reconciler.importing.fits import fits as takes
from yardarm_reconciler.importing.grouping import Json
from yardarm_reconciler.importing.pods import PROBES, RESOLVED, variables
from yardarm_reconciler.model.imported import Note

GUESS = "1Gi"
"""Memory where nothing is said: a spec must say it, and nobody can know it from a manifest."""

USUAL = {80: "http", 8080: "http", 8000: "http", 443: "https", 8443: "https", 50051: "grpc", 9090: "metrics"}
"""What ports without a name are called by their numbers."""

PERIOD_SECONDS = 10


def program(container: Json) -> Json:
    """What it runs, and its variables."""
    command, args = container.get("command") or [], container.get("args") or []
    return {
        "image": str(container.get("image", "")),
        **({"command": command} if command else {}),
        **({"args": args} if args else {}),
        **_some("env", env(container)),
    }


def env(container: Json) -> Json:
    """Variables that a field can say: texts, and references to Secrets, ConfigMaps and fields of the pod."""
    found: Json = {}
    for name, given in variables(container.get("env") or []).items():
        value = _variable(given)
        if value is not None and takes(fits.VARIABLE, name):
            found[name] = value
    return found


def _variable(given: Json) -> str | Json | None:
    if "value" in given:
        return None if RESOLVED in given["value"] else str(given["value"])
    source = given["valueFrom"]
    for kind, ours in (("secretKeyRef", "secret"), ("configMapKeyRef", "config")):
        if (
            kind in source
            and takes(fits.OBJECT, source[kind].get("name"))
            and takes(fits.KEY, source[kind].get("key"))
        ):
            return {ours: source[kind]["name"], "key": source[kind]["key"]}
    if "fieldRef" in source:
        return {"field": source["fieldRef"].get("fieldPath", "")} if _is_field(source["fieldRef"]) else None
    return None


def _is_field(reference: Json) -> bool:
    return takes(fits.FIELD, {"field": reference.get("fieldPath")})


def ports(container: Json, served: Mapping[int | str, str], taken: set[str]) -> Json:
    """Ports by name; those without get that by which they are served, or the usual one of their number.

    Args:
        container: whose they are.
        served: names of the ports of the Service in front, by the port that each leads to.
        taken: names that other containers of the pod have; those that are given here are added.
    """
    found: Json = {}
    listed = container.get("ports") or []
    for port in listed:
        number, protocol = port["containerPort"], port.get("protocol", "TCP")
        guesses = (
            port.get("name"),
            served.get(number),
            USUAL.get(number),
            "http" if len(listed) == 1 else None,
        )
        names = (*(guess for guess in guesses if guess), f"port-{number}", f"{protocol.lower()}-{number}")
        name = next((each for each in names if takes(fits.PORT, each) and each not in taken), "")
        if name:
            taken.add(name)
            found[name] = number if protocol == "TCP" else {"port": number, "protocol": protocol}
    return found


def resources(container: Json, where: str, lost: list[Note]) -> Json:
    """Memory is request and limit; it is guessed where nothing is said, and that is noted."""
    given = container.get("resources") or {}
    limits, requests = given.get("limits") or {}, given.get("requests") or {}
    memory = limits.get("memory", requests.get("memory"))
    if memory is None or not takes(fits.BYTES, memory):
        why = f"a spec says how much memory there is, and nothing did: {GUESS} is a guess to be looked at"
        lost.append(Note(where, f"containers[{container['name']}].resources.limits.memory", why))
        memory = GUESS
    found: Json = {"memory": memory}
    for name, value, what in (
        ("cpu", requests.get("cpu", limits.get("cpu")), fits.CPU),
        ("cpuLimit", limits.get("cpu"), fits.CPU),
        ("ephemeral", limits.get("ephemeral-storage", requests.get("ephemeral-storage")), fits.BYTES),
    ):
        if value is not None and takes(what, value):
            found[name] = value
    pages = {size: limits[f"hugepages-{size}"] for size in ("2Mi", "1Gi") if f"hugepages-{size}" in limits}
    return {**found, **({"hugepages": pages} if pages else {})}


def health(container: Json, named: Mapping[str, Any]) -> Json | None:
    """How to tell that it is ready; what else probes say is told apart later."""
    numbers = {
        port["name"]: port["containerPort"] for port in container.get("ports") or () if port.get("name")
    }
    asked = next((container[key] for key in reversed(PROBES) if container.get(key)), None)
    found = _health(asked, numbers, named) if asked else None
    live = container.get("livenessProbe")
    other = _health(live, numbers, named) if live else None
    if found is None or other is None or other == found or other.get("port") != found.get("port"):
        return found
    key = next((key for key in ("path", "exec") if key in found and key in other), None)
    return {**found, "live": other[key]} if key else found


def _health(asked: Json, numbers: Mapping[str, int], named: Mapping[str, Any]) -> Json | None:
    if isinstance(command := (asked.get("exec") or {}).get("command"), list) and command:
        return {"exec": command}
    how = next((each for each in ("httpGet", "tcpSocket", "grpc") if isinstance(asked.get(each), dict)), None)
    if how is None:
        return None
    given = asked[how]
    number = numbers.get(str(given.get("port")), given.get("port"))
    if not isinstance(number, int):
        return None
    if how == "httpGet" and not takes(fits.URL, given.get("path", "/")):
        return None
    said: Json = {
        "httpGet": {"path": given.get("path", "/")},
        "tcpSocket": {"tcp": True},
        "grpc": {"grpc": given.get("service") or True},
    }[how]
    return {**said, **_port(number, named, "grpc" if how == "grpc" else "http")}


def _port(number: int, named: Mapping[str, Any], usual: str) -> Json:
    """The port that answers, unless it is the one that is meant without a word."""
    names = {name: port if isinstance(port, int) else port["port"] for name, port in named.items()}
    if names.get(usual) == number or (usual not in names and list(names.values()) == [number]):
        return {}
    return {"port": next((name for name, each in names.items() if each == number), number)}


def startup(container: Json) -> Json:
    """How long it may take to start, where that is said."""
    asked = container.get("startupProbe")
    if not asked:
        return {}
    seconds = int(asked.get("failureThreshold", 3)) * int(asked.get("periodSeconds", PERIOD_SECONDS))
    return {"startup": {"timeout": fits.duration(seconds)}}


def _some(name: str, value: Json) -> Json:
    return {name: value} if value else {}
