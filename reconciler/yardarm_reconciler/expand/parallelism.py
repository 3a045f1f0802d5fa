"""How a model is split over the devices of a replica: what is said, what follows, and whether it adds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.model_service import ModelService, Serving

PRODUCT = Code(
    "model/parallelism",
    title="The model is split over another number of devices than there are",
    why="Each device holds one part: tensor times pipeline times data is the number of devices of a replica. "
    "By default tensor is the devices of a pod, pipeline the nodes, and data 1.",
    bad='accelerator: "h100-80gb:8", parallelism: {data: 8}',
    good='accelerator: "h100-80gb:8", parallelism: {tensor: 1, data: 8}',
)


@dataclass(frozen=True, slots=True)
class Split:
    """How many parts there are of each kind; ``nodes`` of a replica and ``devices`` of a pod that has any."""

    nodes: int
    devices: int
    tensor: int
    pipeline: int
    data: int
    expert: bool

    @property
    def product(self) -> int:
        """Parts in all."""
        return self.tensor * self.pipeline * self.data


def split(service: Resolved[ModelService]) -> Split:
    """What the spec says, and what follows where it says nothing."""
    asked, holders = service.spec.parallelism, _holders(service)
    devices = max((_devices(each) for each in holders), default=1)
    return Split(
        nodes=sum(_span(each) for each in programs(service)),
        devices=devices,
        tensor=asked.tensor or devices,
        pipeline=asked.pipeline or sum(_span(each) for each in holders),
        data=asked.data or 1,
        expert=bool(asked.expert),
    )


def check(service: Resolved[ModelService]) -> Iterator[Diagnostic]:
    """Say where parts and devices do not match, with the arithmetic."""
    parts, holders = split(service), _holders(service)
    total = sum(_span(each) * _devices(each) for each in holders)
    if parts.product != total:
        said = service.spec.parallelism.model_fields_set
        field = "spec.parallelism" if said else "spec.accelerator"
        sides = " + ".join(f"{_span(each)} nodes * {_devices(each)}" for each in holders)
        message = (
            f"tensor {parts.tensor} * pipeline {parts.pipeline} * data {parts.data} = {parts.product}, "
            f"but {sides} devices = {total}"
        )
        yield PRODUCT.at(service.origin(field), message, field=field)


def programs(service: Resolved[ModelService]) -> tuple[Resolved[Serving], ...]:
    """The programs of a replica: itself, or its roles."""
    return cast("tuple[Resolved[Serving], ...]", service.programs())


def _holders(service: Resolved[ModelService]) -> tuple[Resolved[Serving], ...]:
    """Programs of a replica that have devices; all of them where none has: a processor counts as one then."""
    found = programs(service)
    return tuple(each for each in found if each.accelerator is not None) or found


def _devices(program: Resolved[Serving]) -> int:
    return program.accelerator.count if program.accelerator is not None else 1


def _span(program: Resolved[Serving]) -> int:
    return program.spec.span
