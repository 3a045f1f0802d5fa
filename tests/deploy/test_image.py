"""What the image is built from agrees with the manifests and with the repository."""

from __future__ import annotations

import re
import tomllib

import yaml

from tests.deploy.manifests import BASE, DEPLOY
from tests.rendering import REPOSITORY
from yardarm_reconciler.cli import run

TEXT = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
DEPLOYMENT = yaml.safe_load((BASE / "deployment.yaml").read_text(encoding="utf-8"))


def test_what_is_copied_is_in_the_repository():
    """All sources of COPY, which come from the top of a clone."""
    copied = [line.split()[1:-1] for line in TEXT.splitlines() if re.match(r"COPY (?!--from)", line)]

    assert [name for names in copied for name in names if not (REPOSITORY / name).exists()] == []
    assert re.search(r"--requirement (\S+)", TEXT)[1] in {name for names in copied for name in names}


def test_the_image_runs_as_the_user_that_the_manifests_name():
    """And has that user, for ssh."""
    context = DEPLOYMENT["spec"]["template"]["spec"]["securityContext"]

    assert f"\nUSER {context['runAsUser']}:{context['runAsGroup']}\n" in TEXT
    assert f"useradd --uid {context['runAsUser']}" in TEXT


def test_the_program_understands_the_arguments_of_the_deployment():
    """And its settings are where they are mounted."""
    (container,) = DEPLOYMENT["spec"]["template"]["spec"]["containers"]
    name, *arguments = container["args"]

    given = run.command.make_context(name, arguments).params

    mounted = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert name == run.command.name
    assert given["config"] == f"{mounted['settings']}/settings.yaml"
    state = yaml.safe_load((BASE / "settings.yaml").read_text(encoding="utf-8"))["stateDir"]
    assert state == mounted["state"]


def test_the_image_gets_what_the_tests_ran_with():
    """All that the program depends on, in the versions and with the hashes of development."""
    locked, tested = (_locked(f"requirements/{name}.lock") for name in ("run", "dev"))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["github-app"]]

    names = {re.split(r"[^\w.-]", each, maxsplit=1)[0].lower().replace(".", "-") for each in wanted}
    assert names <= {each.partition("==")[0] for each in locked}
    assert locked.items() <= tested.items()


def _locked(path: str) -> dict[str, str]:
    """Each requirement with its hashes."""
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    return dict(re.findall(r"^(\S+==\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)", text, re.MULTILINE))
