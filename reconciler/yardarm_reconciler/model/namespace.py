"""The namespace of a team in an environment: needed where it is made, and where others point at it."""

from __future__ import annotations

from yardarm_schema.environment import Environment


def namespace_name(environment: Environment, environment_name: str, team: str) -> str:
    """Fill ``Environment.namespaces.pattern``. Whether the result may be used is checked in ``resolve``."""
    return environment.namespaces.pattern.format_map({"team": team, "environment": environment_name})
