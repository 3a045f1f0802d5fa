"""The namespace of a team in an environment: needed where it is made, and where others point at it."""

from __future__ import annotations

from yardarm_schema.environment import Environment
from yardarm_schema.security import PodSecurityLevel
from yardarm_schema.team import Team


def namespace_name(environment: Environment, environment_name: str, team: str) -> str:
    """Fill ``Environment.namespaces.pattern``. Whether the result may be used is checked in ``resolve``."""
    return environment.namespaces.pattern.format_map({"team": team, "environment": environment_name})


def pod_security(environment: Environment, environment_name: str, team: Team) -> PodSecurityLevel:
    """The Pod Security level of a team's namespace: that of the environment, else of its last group that has one."""
    level: PodSecurityLevel = "restricted"
    for key in (*environment.groups, environment_name):
        level = team.pod_security.get(key, level)
    return level
