"""Volumes of a pod in the words of a spec, and which of them a field can say."""

from __future__ import annotations

from collections.abc import Mapping

from yardarm_reconciler.importing import fits
from yardarm_reconciler.importing.fits import fits as takes
from yardarm_reconciler.importing.grouping import Json
from yardarm_reconciler.importing.pods import mounted
from yardarm_schema.units import parse_quantity

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - the container's


def shared_memory(pod: Json, main: Json) -> tuple[str, str] | None:
    """The volume in memory that main alone has as its shared memory, and its size, where a field can say that."""
    at = [mount for mount in main.get("volumeMounts") or () if mounted(mount) == SHARED_MEMORY]
    limits = (main.get("resources") or {}).get("limits") or {}
    for volume in pod.get("volumes") or ():
        given = volume.get("emptyDir") or {}
        size, name = given.get("sizeLimit"), volume["name"]
        users = [
            mount
            for container in (*(pod.get("containers") or ()), *(pod.get("initContainers") or ()))
            for mount in container.get("volumeMounts") or ()
            if mount["name"] == name
        ]
        fits_in = takes(fits.BYTES, size) and takes(fits.BYTES, limits.get("memory"))
        if given.get("medium") == "Memory" and users == at and len(at) == 1 and not how(at[0]) and fits_in:
            within = parse_quantity(str(limits["memory"])) > parse_quantity(str(size))
            return (name, str(size)) if within else None
    return None


def volumes(pod: Json, main: Json, memory: str) -> Json:
    """By name those that main mounts; volumes of other containers alone have no place in a spec."""
    first = {mount["name"]: mount for mount in reversed(main.get("volumeMounts") or [])}
    found = {}
    for volume in pod.get("volumes") or ():
        name, mount = volume["name"], first.get(volume["name"])
        said = _source(volume, memory)
        if mount and mounted(mount) == SHARED_MEMORY:
            continue  # by resources.shm, or by the patch: no field has it twice
        if mount and said is not None and takes(fits.LABEL, name) and takes(fits.PATH, mounted(mount)):
            found[name] = {"path": mounted(mount), **said, **how(mount)}
    return found


ACCESS = {"ReadWriteOnce": "one", "ReadWriteMany": "many"}


def of_replicas(templates: list[Json], main: Json) -> Json:
    """Storage that each replica has for itself, by name; with a place in main, as every volume of a spec has."""
    first = {mount["name"]: mount for mount in reversed(main.get("volumeMounts") or [])}
    found: Json = {}
    for template in templates:
        name, spec = template["metadata"]["name"], template.get("spec") or {}
        size = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
        access = [ACCESS.get(each) for each in spec.get("accessModes") or ()]
        if name in first and takes(fits.LABEL, name) and takes(fits.BYTES, size):
            said = {"class": spec["storageClassName"]} if spec.get("storageClassName") else {}
            many = {"access": "many"} if access == ["many"] else {}
            mount = first[name]
            found[name] = {
                "path": mounted(mount),
                "size": size,
                **said,
                **many,
                "perReplica": True,
                **how(mount),
            }
    return found


def mounts(container: Json, known: Mapping[str, Json]) -> Json:
    """Where a container beside main mounts volumes that the spec has, each once."""
    found: Json = {}
    for mount in container.get("volumeMounts") or ():
        if mount["name"] in known and mount["name"] not in found and takes(fits.PATH, mounted(mount)):
            said = how(mount)
            found[mount["name"]] = {"path": mounted(mount), **said} if said else mounted(mount)
    return found


def how(mount: Json) -> Json:
    """How a volume is mounted."""
    inner = mount.get("subPath")
    return {
        **({"readOnly": True} if mount.get("readOnly") else {}),
        **({"subPath": inner} if inner and takes(fits.INNER, inner) else {}),
    }


def _source(volume: Json, memory: str) -> Json | None:
    kind = next((key for key in volume if key != "name"), "emptyDir")
    given = volume.get(kind) or {}
    match kind:
        case "emptyDir":
            return {"scratch": _scratch(given, memory)}
        case "configMap" if takes(fits.OBJECT, given.get("name")):
            return {"config": given["name"]}
        case "secret" if takes(fits.OBJECT, given.get("secretName")):
            return {"secret": given["secretName"]}
        case "persistentVolumeClaim" if takes(fits.OBJECT, given.get("claimName")):
            return {"claim": given["claimName"]}
        case _:
            return None


def _scratch(given: Json, memory: str) -> Json:
    size = given.get("sizeLimit")
    if size is None or not takes(fits.BYTES, size):
        return {}
    in_memory = given.get("medium") == "Memory" and parse_quantity(memory) > parse_quantity(str(size))
    return {"size": size, **({"medium": "memory"} if in_memory else {})}
