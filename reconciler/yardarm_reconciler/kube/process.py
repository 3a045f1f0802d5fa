"""Which process this is, told so that others can see whether it still lives.

``host/pid/start/where/random``: ``start`` is when the process began, in the kernel's ticks since the machine did,
``where`` names the boot of the machine and the space of process ids that ``pid`` is counted in. On the same
machine a process that has ended need not be waited for: a crashed container that starts again goes on at once.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from pathlib import Path

_PARTS = 5
_PROC = Path("/proc")
_START = 19
"""Of the fields of /proc/PID/stat after the name, counted from 0: starttime, see proc_pid_stat(5)."""


def identity() -> str:
    """An identity for this process; another one at every call."""
    pid = os.getpid()
    return "/".join((socket.gethostname(), str(pid), _start(pid), _where(), secrets.token_hex(4)))


def alive(holder: str) -> bool:
    """Whether the process of an identity may still live: false only where it is known to have ended."""
    parts = holder.split("/")
    if len(parts) != _PARTS:
        return True
    host, pid, start, where, _ = parts
    if not where or (host, where) != (socket.gethostname(), _where()) or not pid.isdecimal():
        return True
    return _start(int(pid)) == start


def shown(holder: str) -> str:
    """An identity as people say it; one of other programs as it is."""
    parts = holder.split("/")
    return f"process {parts[1]} on {parts[0]}" if len(parts) == _PARTS else holder


def _start(pid: int) -> str:
    """When a process of this machine began; empty where there is no such process."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    # The name stands in brackets and may hold anything, brackets too.
    return text.rpartition(")")[2].split()[_START]


def _where() -> str:
    """The boot and the space of process ids; empty where the system does not tell."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        space = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""
    return hashlib.sha256(f"{boot} {space}".encode()).hexdigest()[:12]
