"""What a pod may do: Pod Security's level "restricted", with exceptions by name where the platform allows them."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Maybe, Model

SecurityException: TypeAlias = Literal["ipcLock", "sysNice", "hostIPC", "hostNetwork", "root"]
"""Each names one thing that "restricted" forbids and some device or program cannot do without."""

Isolation: TypeAlias = Literal["container", "vm", "gvisor", "confidential"]
PodSecurityLevel: TypeAlias = Literal["restricted", "baseline", "privileged"]


class Security(Model):
    """Within Pod Security's level "restricted", but for exceptions."""

    run_as_user: Annotated[
        Maybe[int],
        Field(ge=0, le=2**31 - 1, description="Numeric user to run as; 0 needs the exception root."),
    ] = None
    fs_group: Annotated[Maybe[int], Field(ge=1, le=2**31 - 1, description="Group that owns the volumes.")] = (
        None
    )
    read_only_root: Annotated[
        Maybe[bool], Field(description="Whether the root file system is read-only.")
    ] = None
    exceptions: Annotated[
        tuple[SecurityException, ...],
        Field(
            description="What it needs beyond restricted: ipcLock and sysNice (capabilities), hostIPC, hostNetwork, root. "
            "The environment's policy must allow each, and the team's podSecurity admit it."
        ),
    ] = ()
