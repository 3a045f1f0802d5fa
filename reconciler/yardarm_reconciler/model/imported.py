"""What is said of an import: of the spec, of what went into its patch, and of what it does not say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One thing about one object (``Deployment/web``): where in it, and why; ``value`` is only shown where it is no secret."""

    where: str
    path: str
    why: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """One spec as text, and what it came from.

    Attributes:
        id: ``Kind/team/name``.
        text: of the document, without a head.
        objects: what it was made of, as ``Kind/name``.
        patched: what no field says, so that it stands in ``patch``.
        added: what is different on purpose: Yardarm's own additions.
        lost: what the spec does not say, each with its reason. Where there is none the rest is proven equal.
        needs: what an environment must offer for it to hold.
        makes: the objects that it is rendered to, as ``Kind/name``.
    """

    id: str
    text: str
    objects: tuple[str, ...]
    patched: tuple[Note, ...]
    added: tuple[Note, ...]
    lost: tuple[Note, ...]
    needs: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """Everything that came of some manifests: specs, and objects that no spec says."""

    specs: tuple[Imported, ...]
    rest: tuple[Note, ...]

    @property
    def proven(self) -> bool:
        """Whether nothing is different but on purpose."""
        return not self.rest and not any(each.lost for each in self.specs)


def name_of(body: object) -> str:
    """``Kind/name`` of an object."""
    return f"{body['kind']}/{body['metadata']['name']}" if isinstance(body, dict) else ""
