"""Why an edit is not made: it is made exactly, or not at all."""

from __future__ import annotations

from yardarm_reconciler.model.origin import Code

SPREAD = Code(
    "edit/spread",
    title="This value cannot be replaced without touching what is around it",
    why="It is a list or a map, or is written over several lines, where comments and line ends would have to be guessed.",
    bad="image: >-\\n  registry.example.com/nlp/api:1.4",
    good="image: registry.example.com/nlp/api:1.4",
)
NO_PLACE = Code(
    "edit/no-place",
    title="There is no place to write this value",
    why="A field can only be added to a map; what stands there is something else.",
    bad="environments:\\n  production:",
    good="environments:\\n  production: {}",
)
UNPROVEN = Code(
    "edit/unproven",
    title="The file would not say what it was asked to say",
    why="An edited file is read again: it must say what it said before, but for the one value. Otherwise nothing is written.",
    bad='? "image"\\n: registry.example.com/nlp/api:1.4',
    good="image: registry.example.com/nlp/api:1.4",
)
NOT_THERE = Code(
    "edit/not-there",
    title="The workload does not run in this environment",
    why="To start it somewhere is a decision of its own, with devices and money; an edit of its image must not make it.",
    bad="environments: {staging: {}}",
    good="environments: {staging: {}, production: {}}",
)
NO_IMAGE = Code(
    "edit/no-image",
    title="This kind has no image",
    why="A Volume runs no program, and RawResources hold objects as they are written.",
)
PART = Code(
    "edit/part",
    title="There is no such part, or there are several",
    why="Roles, steps, variants, sidecars and init containers have images of their own; one of them has to be meant.",
    bad="yardarm set-image nlp/chat registry.example.com/proxy:2 --part proxi",
    good="yardarm set-image nlp/chat registry.example.com/proxy:2 --part sidecars.proxy",
)
