"""``python -m tests.integration.soaking FOLDER PASSES``: one process that reconciles on and on, and what it holds meanwhile.

Prints a line of JSON now and then: bytes in memory, open files, threads and children.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from tests.integration.engine import ENVIRONMENT, ROOT, TEAM, service
from tests.integration.git_server import bare, commit
from yardarm_reconciler import settings
from yardarm_reconciler.cli import wiring
from yardarm_reconciler.loop import Memory, once
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.source.git import installed

SAMPLES = 30


def changes(folder: Path, passes: int) -> Iterator[None]:
    """Of three passes, one follows a commit, one an edit by hand, and one nothing."""
    repository = bare(folder / "models.git")
    for number in range(passes):
        if number % 3 == 0:
            names = ["api", "web", *(["more"] if number % 2 else [])]
            files = {
                "yardarm.yaml": ROOT,
                "platform/dev.yaml": yaml.safe_dump(ENVIRONMENT),
                "platform/nlp.yaml": TEAM,
                **{
                    f"workloads/{each}.yaml": service(each, image=f"registry.example.com/{each}:{number}")
                    for each in names
                },
            }
            commit(repository, {path: text.encode() for path, text in files.items()})
        elif number % 3 == 1:
            (file,) = folder.glob("out/*/Deployment.apps/api.yaml")
            file.write_text(file.read_text().replace("registry.example.com", "elsewhere.example.com"))
        yield


def held() -> dict[str, int]:
    """What this process holds."""
    gc.collect()
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "memory": pages * os.sysconf("SC_PAGE_SIZE"),
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
        "children": len(children),
    }


def main(folder: Path, passes: int) -> None:
    """Reconcile so often."""
    file = folder / "settings.yaml"
    content = {
        "apiVersion": "settings.yardarm.dev/v1alpha1",
        "kind": "Settings",
        "sources": {"models": {"path": "models.git"}},
        "clusters": {"dev": {"directory": "out"}},
        "units": [{"id": "u-dev", "environment": "dev", "source": "models", "cluster": "dev"}],
    }
    file.write_text(json.dumps(content))
    operator, clock, memory = settings.read(file), wiring.SystemClock(), Memory()
    binding = wiring.bind(operator, operator.of("dev"), installed(), clock, write=True)
    with ThreadPoolExecutor(4) as pool:
        machinery = Machinery(clock, pool, "1")
        for number, _ in enumerate(changes(folder, passes)):
            report = once(binding, machinery, memory)
            assert not report.error, report.error
            if number % max(1, passes // SAMPLES) == 0:
                sys.stdout.write(json.dumps({"pass": number, **held()}) + "\n")
    binding.session.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
