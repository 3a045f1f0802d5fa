"""Gives an environment kinds of other projects: their real definitions, without their controllers and webhooks.

To accept a definition costs the API server 0.8 s of CPU time, Argo's Workflow 5 s. So it is done once on a machine, in a
control plane of its own; what then lies in etcd is kept, and put into the etcd of every environment that wants it.
"""

import tempfile
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.controlplane import plane, storage
from tests.controlplane.cache import cached, say
from tests.controlplane.client import Api, Object, RefusedError
from tests.controlplane.definitions import definitions, definitions_key, projects
from tests.controlplane.discovery import discover
from tests.controlplane.environment import Environment
from tests.controlplane.versions import cache_key
from tests.controlplane.waiting import wait_until

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
STORED = "/registry/{}/apiextensions.k8s.io/customresourcedefinitions/"
AT_ONCE = 2
PATIENCE_SECONDS = 300.0
GATEWAY_TIMEOUT = 504  # the server gives up on a request after 34 seconds; to repeat it is harmless


def prepare() -> Path:
    """Return the folder with all definitions as etcd holds them; the first time on a machine takes a minute.

    Raises:
        GoError: a module could not be downloaded, or is not what the catalogue says.
        RefusedError: the API server refused a definition.
        NotReadyError: a definition was not established within five minutes.
    """
    return cached(f"established-{definitions_key()}-{cache_key()}", _establish)


def install(environment: Environment, capabilities: Collection[str]) -> None:
    """Give an environment the kinds of some capabilities, and wait until they are served.

    Args:
        environment: where; what it has already costs nothing.
        capabilities: keys of custom-resources.yaml. All of them take 4 seconds and 600 MB.

    Raises:
        KeyError: the catalogue has no such capability.
        NotReadyError: a kind was not served within five minutes.
    """
    stored = prepare()
    with environment.api() as api:
        served = discover(api)
        wanted = [each for each in definitions(capabilities) if not served.serves(each)]
        values = {name: (stored / name).read_bytes() for name in map(_name, wanted)}
        storage.write(environment.etcd_url, STORED.format(environment.name), values)
        _wait_until_served(api, environment, wanted)


def install_for(environment: Environment, api_versions: Collection[str]) -> None:
    """Install what serves some apiVersions, as far as the catalogue has them; raises as install()."""
    groups = {each.partition("/")[0] for each in api_versions}
    install(environment, [name for name, project in projects().items() if project.group in groups])


def _establish(target: Path) -> None:
    wanted = definitions(projects())
    say(f"having an API server accept {len(wanted)} custom resource definitions, once: about a minute")
    with tempfile.TemporaryDirectory(prefix="yardarm-definitions-") as folder:
        running = plane.start(Path(folder))
        try:
            environment = running.environment("definitions")
            with environment.api(timeout_seconds=PATIENCE_SECONDS) as api:
                with ThreadPoolExecutor(AT_ONCE) as pool:
                    list(pool.map(partial(_apply, api), wanted))
                _wait_until_served(api, environment, wanted)
            for name, value in storage.read(running.etcd_url, STORED.format(environment.name)).items():
                (target / name).write_bytes(value)
        finally:
            running.stop()


def _apply(api: Api, definition: Object) -> None:
    def accepted() -> bool:
        answer = api.apply(f"{DEFINITIONS}/{_name(definition)}", definition)
        if answer.status >= 400 and answer.status != GATEWAY_TIMEOUT:
            raise RefusedError(f"apply {_name(definition)}", answer)
        return answer.status < 400

    wait_until(f"{_name(definition)} accepted", accepted, limit_seconds=PATIENCE_SECONDS)


def _wait_until_served(api: Api, environment: Environment, wanted: Iterable[Object]) -> None:
    """A kind is served once its definition is established."""
    wait_until(
        "all custom resources served",
        lambda: all(map(discover(api).serves, wanted)),
        [environment.api_server],
        limit_seconds=PATIENCE_SECONDS,
    )


def _name(definition: Object) -> str:
    return str(definition["metadata"]["name"])
