"""The container that fetches: what it is told, and how what it brings becomes visible all at once.

It fills a folder of another name first. So a program never finds half a model, and an attempt that was cut off is not
taken for one that ended: only a folder with the mark in it counts, and one that has it is never touched again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from yardarm_reconciler.expand import container, secrets, security
from yardarm_reconciler.expand.fetching import IN_PODS, Item, Way, fetcher_of, inside, items, total_room, way
from yardarm_reconciler.expand.names import derived
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.container import SecretKey

AT = "/var/cache/models"
"""Where the container has what it fills."""

MARK = ".yardarm-complete"
SCRIPT = """\
place={place}
[ -e "$place/{mark}" ] && exit 0
export YARDARM_TARGET="$place.{attempt}"
mkdir -p "$YARDARM_TARGET"
(
{run}
)
{check}: > "$YARDARM_TARGET/{mark}"
rmdir "$place" 2>/dev/null || true
mv -T "$YARDARM_TARGET" "$place" 2>/dev/null || [ -e "$place/{mark}" ]
rm -rf "$YARDARM_TARGET"
"""
"""An empty folder in its place is of a kubelet, which makes those that are to be mounted; on a node two pods may come to
this end together, and the one that is later has fetched in vain."""

CHECK = """\
echo "${YARDARM_REVISION#sha256:}  $YARDARM_TARGET/$YARDARM_FILE" | sha256sum -c -
"""


def script(program: Resolved[Any], item: Item) -> str:
    """What the container runs.

    Only one pod fills a claim or its own space, and may go on with what an attempt before it left there.
    """
    pinned = item.uri.scheme in ("http", "https") and bool(item.uri.revision)
    attempt = "$HOSTNAME" if way(program, item) is Way.NODE else "partial"
    return filling(f"{AT}/{inside(program, item)}", attempt, fetcher_of(program, item).run, checked=pinned)


def filling(place: str, attempt: str, run: str, *, checked: bool) -> str:
    """The script that fills a folder by another one.

    Args:
        place: path of the folder.
        attempt: what the folder that is filled first has behind its name.
        run: the script that fills it.
        checked: whether the only file must have the digest that YARDARM_REVISION is.
    """
    check = CHECK if checked else ""
    return SCRIPT.format(place=place, mark=MARK, attempt=attempt, run=run.rstrip("\n"), check=check)


def variables(program: Resolved[Any], item: Item) -> Mapping[str, Object]:
    """What the container is told and given; secrets by reference only."""
    fetcher, uri = fetcher_of(program, item), item.uri
    texts = {
        "HOME": "/tmp",  # noqa: S108 - the container's
        **fetcher.env,
        **program.caches[item.cache].binding.env,
        "YARDARM_URI": f"{uri.scheme}://{uri.location}",
        "YARDARM_LOCATION": uri.location,
        "YARDARM_REVISION": uri.revision,
        "YARDARM_FILE": uri.file,
    }
    given = {name: _credential(program, item, name) for name in fetcher.credentials}
    found: dict[str, Object] = {name: {"value": container.verbatim(text)} for name, text in texts.items()}
    return {**found, **{name: value for name, value in given.items() if value is not None}}


def _credential(program: Resolved[Any], item: Item, name: str) -> Object | None:
    """A variable to log in with: of the Secret that the model names, else as the program itself has it."""
    spec = program.spec
    if item.credentials is not None:
        return secrets.reference(program, name, SecretKey(secret=item.credentials, key=name))
    if name in spec.secrets:
        return secrets.reference(program, name, spec.secrets[name])
    said = spec.env.get(name)
    return secrets.reference(program, name, said) if isinstance(said, SecretKey) else None


def in_pod(program: Resolved[Any]) -> Iterator[Object]:
    """The containers that fetch before the program starts, one after another."""
    for item in items(program):
        if way(program, item) in IN_PODS:
            yield _rendered(program, item)


def _rendered(program: Resolved[Any], item: Item) -> Object:
    fetcher = fetcher_of(program, item)
    amounts = container.amounts(fetcher.resources)
    if way(program, item) is Way.POD:
        # Of all together, for the largest container decides. A request alone: a limit would be one of the whole pod.
        disk = {"ephemeral-storage": str(total_room(program))}
        amounts = {**amounts, "requests": {**disk, **amounts["requests"]}}
    user = {"runAsUser": fetcher.run_as_user} if fetcher.run_as_user is not None else {}
    values = variables(program, item)
    return container.without_empty(
        {
            "name": derived("yardarm-fetch", *item.what.split("/")),
            "image": str(fetcher.image),
            "command": ["/bin/sh", "-ec", container.verbatim(script(program, item))],
            "env": [{"name": name, **value} for name, value in sorted(values.items())],
            "resources": amounts,
            "volumeMounts": [{"name": item.volume, "mountPath": AT}],
            "securityContext": {**security.beside_main(), **user},
        }
    )
