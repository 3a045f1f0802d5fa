"""The operator's file as a whole: what it binds, and what cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.settings import read

HEAD = "apiVersion: settings.yardarm.dev/v1alpha1\nkind: Settings\n"
SIGNERS = "{allowedSigners: signers}"


def settings(folder: Path, text: str) -> Path:
    """A settings file."""
    file = folder / "settings.yaml"
    file.write_text(HEAD + text)
    return file


def refused(folder: Path, text: str) -> list[str]:
    """What is wrong with it: ``line:column code``."""
    with pytest.raises(UserError) as error:
        read(settings(folder, text))
    return [f"{each.place.line}:{each.place.column} {each.code.name}" for each in error.value.diagnostics]


def test_several_sources_in_one_file_are_followed_by_their_units(tmp_path):
    """Each unit has its own source, and the policy of that source for rewritten history."""
    text = """
sources:
  models: {path: models, forcePush: refuse}
  platform: {url: "https://git.example.com/p.git", ref: {tag: v1}}
clusters: {a: {directory: a}, b: {directory: b}}
units:
  - {id: u-a, environment: a, source: models, cluster: a}
  - {id: u-b, environment: b, source: platform, cluster: b}
"""
    one, two = read(settings(tmp_path, text)).bound
    assert (one.source.path, two.source.url) == ("models", "https://git.example.com/p.git")
    assert (one.unit.linear, two.unit.linear) == (True, False)


@pytest.mark.parametrize("mode", ["tag", "both"])
def test_a_signed_tag_is_only_asked_for_where_a_tag_is_followed(tmp_path, mode):
    """Else no revision would ever be followed."""
    wrong = f"sources:\n  m: {{path: m, verify: {{ssh: {SIGNERS}, mode: {mode}}}}}\n"
    column = wrong.splitlines()[1].index(f"mode: {mode}") + len("mode: ") + 1
    assert refused(tmp_path, wrong) == [f"4:{column} git/tag-needed"]
    right = wrong.replace("path: m,", "path: m, ref: {tag: v1},")
    assert read(settings(tmp_path, right)).settings.sources["m"].verify is not None


@pytest.mark.parametrize(
    "verify", [f"{{ssh: {SIGNERS}, gpg: {{keys: k}}}}", "{}", "{mode: commit}", "{ssh: {}}", "{gpg: signers}"]
)
def test_signatures_are_by_keys_of_one_kind(tmp_path, verify):
    """An empty block must not look like one that verifies."""
    assert refused(tmp_path, f"sources:\n  m: {{path: m, verify: {verify}}}\n")


def test_a_unit_that_names_nothing_is_told_what_there_is(tmp_path):
    """At the name."""
    line = "  - {id: u, environment: e, source: modles, cluster: here}"
    columns = [line.index(name) + 1 for name in ("modles", "here")]
    told = [f"4:{column} reference/unknown-setting" for column in columns]
    assert refused(tmp_path, f"units:\n{line}\n") == told


@pytest.mark.parametrize("listen", ["127.0.0.1", "8080", ":8080", "example.com:80", "127.0.0.1:x"])
def test_an_address_to_listen_at_has_a_port_and_is_a_number(tmp_path, listen):
    """A name might be another machine's tomorrow."""
    assert refused(tmp_path, f'serve: {{listen: "{listen}"}}\n') == ["3:17 field/invalid"]
