"""`python -m tests.controlplane`: a control plane for people, until Ctrl-C."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.controlplane import plane
from tests.controlplane.build import assets
from tests.controlplane.custom_resources import install, prepare
from tests.controlplane.definitions import projects
from tests.controlplane.environment import Environment
from tests.controlplane.equipment import equip
from tests.controlplane.nodes import add_nodes, gpu_node
from tests.controlplane.process import ExitedError
from tests.controlplane.toolchain import GoError
from tests.controlplane.waiting import NotReadyError


def main(arguments: Sequence[str]) -> int:
    """Build, start, say how to use it, wait for Ctrl-C, stop; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.build_only:
            _say(f"binaries in {assets().stages.parent}, custom resources in {prepare()}")
            return 0
        with tempfile.TemporaryDirectory(prefix="yardarm-controlplane-") as folder:
            _serve(Path(folder), options)
    except (GoError, ExitedError, NotReadyError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.controlplane", description=__doc__)
    parser.add_argument(
        "--environments", default="dev", metavar="NAMES", help="comma-separated; default: dev"
    )
    parser.add_argument("--nodes", type=int, default=1, metavar="N", help="nodes of 8 GPUs each; default: 1")
    parser.add_argument(
        "--machines", action="store_true", help="three nodes of every vendor's machine, and classes for pods"
    )
    parser.add_argument(
        "--custom-resources",
        type=_capabilities,
        default=(),
        metavar="NAMES",
        help=f"kinds of other projects, comma-separated or 'all' (5 s, 600 MB): {', '.join(projects())}",
    )
    parser.add_argument(
        "--build-only", action="store_true", help="build and download what is missing, start nothing"
    )
    return parser


def _capabilities(text: str) -> list[str]:
    names = list(projects()) if text == "all" else text.split(",")
    unknown = sorted(set(names) - set(projects()))
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return names


def _serve(folder: Path, options: argparse.Namespace) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: children are stopped
    running = None
    try:
        started = time.monotonic()
        running = plane.start(folder)
        environments = running.environments(*options.environments.split(","))
        for each in environments:
            _furnish(each, options)
        _say(f"ready in {time.monotonic() - started:.1f} s; Ctrl-C stops everything\n")
        for each in environments:
            _say(
                f"# {each.name}: {each.url}\nexport KUBECONFIG={each.kubeconfig}\n{each.kubectl} get nodes\n"
            )
        signal.pause()
    except KeyboardInterrupt:
        _say("stopping")
    finally:
        if running is not None:
            running.stop()


def _furnish(environment: Environment, options: argparse.Namespace) -> None:
    with environment.api() as api:
        add_nodes(api, [gpu_node(f"gpu-{i}", product="NVIDIA-H100-80GB-HBM3") for i in range(options.nodes)])
        if options.machines:
            equip(api)
    install(environment, options.custom_resources)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
