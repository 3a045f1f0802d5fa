"""Programs that run to an end, as jobs do."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Maybe
from yardarm_schema.names import Word
from yardarm_schema.workload import Program


class Finite(Program):
    """Fields of every kind whose program ends by itself."""

    retries: Annotated[int, Field(ge=0, le=1000, description="How often a failed run is tried again.")] = 0
    deadline: Annotated[
        Maybe[units.Time],
        Field(description="The run has failed if it takes longer, such as 6h.", examples=["6h"]),
    ] = None
    history: Annotated[int, Field(ge=1, le=50, description="How many finished runs are kept.")] = 3


class Computation(Finite):
    """Fields of every kind that runs once for each input."""

    COMPUTES: ClassVar[bool] = True

    rerun: Annotated[
        Word,
        Field(
            description="When a new run starts: onChange (what it computes has changed), never, or any other word: "
            "a new word starts a new run."
        ),
    ] = "onChange"
    overlap: Annotated[
        Literal["finish", "cancel"],
        Field(description="What a new run does to one that still runs: let it finish first, or cancel it."),
    ] = "finish"
