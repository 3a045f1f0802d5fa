"""kubectl as a second opinion: what it would change, and what it would prune, given the objects that we apply."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from tests.e2e.harness import Site
from tests.rendering import render
from tests.trees import MemoryTree
from yardarm_reconciler.decide.choice import ours
from yardarm_reconciler.inventory.records import PART_OF
from yardarm_reconciler.model.unit import Unit

SERVER_OWN = {
    "metadata.generation",
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.uid",
    "metadata.creationTimestamp",
    "status",
}
"""What the API server writes by itself whenever anything is applied."""


NEW = "(new)"
"""In the place of paths: there is no such object yet."""


@dataclass(frozen=True)
class Kubectl:
    """The program, logged in to a site's cluster as its admin."""

    site: Site

    def diff(self, objects: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], set[str]]:
        """``kubectl diff --server-side``: by kind and name, the paths of all leaves that would change."""
        folder = self.site.folder / "kubectl"
        folder.mkdir(exist_ok=True)
        copier = folder / "copier"
        copier.write_text(
            f'#!/bin/sh\nrm -rf {folder}/live {folder}/merged\ncp -r "$1" {folder}/live\ncp -r "$2" {folder}/merged\n'
        )
        copier.chmod(0o700)
        said = self._run(
            "diff",
            "--server-side",
            "--field-manager=yardarm",
            "--force-conflicts",
            "-f",
            "-",
            objects=objects,
            KUBECTL_EXTERNAL_DIFF=str(copier),
        )
        assert said.returncode == 0, said.stderr
        found = {}
        for path in sorted((folder / "merged").iterdir()):
            live = folder / "live" / path.name
            after = yaml.safe_load(path.read_text())
            before = yaml.safe_load(live.read_text()) if live.exists() else None
            changed = set(_leaves("", before, after)) if before else {NEW}
            found[after["kind"], after["metadata"]["name"]] = {
                each for each in changed if not any(_is_below(each, own) for own in SERVER_OWN)
            }
        return {key: paths for key, paths in found.items() if paths}

    def prune(self, namespace: str, objects: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
        """``kubectl apply --prune --applyset`` of the same objects elsewhere: kind and name of what is pruned."""
        moved = [json.loads(json.dumps(each).replace(self.site.namespace, namespace)) for each in objects]
        for each in moved:
            del each["metadata"]["labels"][
                PART_OF
            ]  # the label of kubectl's own sets, which we use as they do
        said = self._run(
            "apply",
            "--server-side",
            "--prune",
            "--applyset=configmaps/applied",
            "-n",
            namespace,
            "-f",
            "-",
            objects=moved,
            KUBECTL_APPLYSET="true",
        )
        assert said.returncode == 0, said.stderr
        return {
            (kind, name) for kind, name in re.findall(r"^(\S+?)/(\S+) pruned$", said.stdout, re.MULTILINE)
        }

    def _run(
        self, *arguments: str, objects: Sequence[Mapping[str, Any]], **env: str
    ) -> subprocess.CompletedProcess[str]:
        dev = self.site.dev
        return subprocess.run(
            [dev.kubectl, f"--kubeconfig={dev.kubeconfig}", *arguments],
            input="\n---\n".join(json.dumps(each) for each in objects),
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def applied(site: Site) -> list[dict[str, Any]]:
    """The objects that a sync of the files as they are would apply, without those of the team itself."""
    made = render(MemoryTree(site.tree()), site.environment)
    assert not [each for each in made.diagnostics if each.is_error]
    unit = Unit(site.unit, site.environment)
    workloads = [ours(each, unit) for each in made.workloads if not each.id.startswith("Team/")]
    return [manifest.body for each in workloads for manifest in each.manifests]


def _leaves(path: str, before: Any, after: Any) -> Iterator[str]:
    """Paths of all leaves that differ; items of lists have the path of their list."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() | after.keys():
            yield from _leaves(f"{path}.{name}".lstrip("."), before.get(name), after.get(name))
    elif (one := _by_name(before)) is not None and (other := _by_name(after)) is not None:
        for name in one.keys() | other.keys():
            yield from _leaves(path, one.get(name), other.get(name))
    else:
        yield path


def _by_name(value: Any) -> dict[str, Any] | None:
    """The items of a list by their names, or None where it has others: such a list is compared as a whole."""
    if not isinstance(value, list) or not all(isinstance(each, dict) and "name" in each for each in value):
        return None
    return {each["name"]: each for each in value}


def _is_below(path: str, above: str) -> bool:
    return path == above or path.startswith(f"{above}.")


def without_selectors(path: str) -> str:
    """``containers[main].image`` as ``containers.image``: how :func:`Kubectl.diff` writes it."""
    return re.sub(r"\[[^\]]*\]", "", path)


def cover(ours: set[str], theirs: set[str]) -> bool:
    """Whether both name the same places: one may name what holds several of the other's that come or go together."""

    def meet(one: str, other: str) -> bool:
        return _is_below(one, other) or _is_below(other, one)

    return all(any(meet(own, each) for own in ours) for each in theirs) and all(
        any(meet(own, each) for each in theirs) for own in ours
    )
