"""A spec as text: in the order of its schema, texts as they are, containers in the order that they begin in."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.importing.grouping import Json
from yardarm_reconciler.model.imported import Import, Imported
from yardarm_reconciler.model.yaml_text import yaml_text
from yardarm_reconciler.report.text import sanitise
from yardarm_schema.kinds import WORKLOADS

_ORDERED = frozenset({"sidecars", "initContainers"})


def text(document: Json) -> str:
    """The document of a spec."""
    meta = document["metadata"]
    head = yaml_text({"apiVersion": document["apiVersion"], "kind": document["kind"]})
    return "".join(
        (head, yaml_text({"metadata": meta}), "spec:\n", *_fields(document["kind"], document["spec"]))
    )


def _fields(kind: str, spec: Json) -> Iterator[str]:
    known = [field.alias or name for name, field in WORKLOADS[kind].model_fields.items()]
    last = ("patch", "environments")
    for name in sorted(spec, key=lambda each: (last.index(each) if each in last else -1, known.index(each))):
        value = spec[name]
        if name in _ORDERED:
            yield f"  {name}:\n"
            for each, container in value.items():
                yield _indented(yaml_text({each: container}), 4)
        else:
            yield _indented(yaml_text({name: value}), 2)


def _indented(text_: str, spaces: int) -> str:
    return "".join(
        f"{' ' * spaces}{line}" if line.strip() else line for line in text_.splitlines(keepends=True)
    )


def page(found: Import) -> str:
    """All specs as one text, each with where it came from and what is still to be looked at."""
    return "---\n".join(f"{_head(each)}{each.text}" for each in found.specs)


def _head(spec: Imported) -> str:
    """A comment: nothing in it that could end it."""
    lines = [f"Imported from {', '.join(spec.objects)}."]
    lines += [f"It needs {each}." for each in spec.needs]
    lines += [f"Not said: {f'{each.where} {each.path}'.rstrip()}: {each.why}." for each in spec.lost]
    return "".join(f"# {sanitise(line)}\n" for line in lines)
