"""Replicas that answer requests, from outside the cluster too."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from yardarm_schema.base import Maybe
from yardarm_schema.replicated import Replicated
from yardarm_schema.route import Route


class Served(Replicated):
    """Fields of every kind that can be behind a route."""

    route: Annotated[
        Maybe[Route],
        Field(description="How requests from outside the cluster reach it, and who may send them."),
    ] = None
