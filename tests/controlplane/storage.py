"""What lies in etcd, past the API server: read and written over etcd's HTTP gateway."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import orjson
import urllib3


def read(url: str, folder: str) -> Mapping[str, bytes]:
    """Return all values below a folder of etcd, by the rest of their keys."""
    after = folder[:-1] + chr(ord(folder[-1]) + 1)  # the first key that does not start with the folder
    found = _call(url, "range", {"key": _text(folder), "range_end": _text(after)}).get("kvs", [])
    return {b64decode(each["key"]).decode().removeprefix(folder): b64decode(each["value"]) for each in found}


def write(url: str, folder: str, values: Mapping[str, bytes]) -> None:
    """Put values into a folder of etcd."""
    for name, value in values.items():
        _call(url, "put", {"key": _text(folder + name), "value": b64encode(value).decode()})


def _call(url: str, method: str, body: Mapping[str, str]) -> dict[str, Any]:
    with urllib3.PoolManager(retries=False) as pool:
        answer = pool.request("POST", f"{url}/v3/kv/{method}", body=orjson.dumps(body))
    if answer.status != 200:
        raise OSError(f"etcd: {method}: {answer.status} {answer.data.decode()}")
    content: dict[str, Any] = orjson.loads(answer.data)
    return content


def _text(key: str) -> str:
    return b64encode(key.encode()).decode()
