"""Who looks after a file."""

import pytest

from yardarm_reconciler.plan.owners import owners

FILE = b"""
# comment
*                 @everyone   # and another
*.md              @writers
/platform/        @platform
docs/*            @docs
workloads/**/gpu.yaml  @gpu
nlp/              @nlp @ada
/secret.yaml
[Section]
^[Optional] @nobody
!not/this @nobody
"""


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("yardarm.yaml", ("@everyone",)),
        ("a/b/README.md", ("@writers",)),
        ("platform/dev.yaml", ("@platform",)),
        ("other/platform/dev.yaml", ("@everyone",)),
        ("docs/index.txt", ("@docs",)),
        ("docs/guides/index.txt", ("@everyone",)),
        ("workloads/a/b/gpu.yaml", ("@gpu",)),
        ("workloads/nlp/qwen3.yaml", ("@nlp", "@ada")),
        ("secret.yaml", ()),
    ],
)
def test_the_last_pattern_that_matches_says_who(path, names):
    """As gitignore reads patterns, but for what only GitLab knows."""
    assert owners({"CODEOWNERS": FILE}.get).of(path) == names


def test_the_first_file_that_there_is_counts():
    """And without one nobody owns anything."""
    files = {"CODEOWNERS": b"* @second", ".github/CODEOWNERS": b"* @first", "docs/CODEOWNERS": b"* @third"}

    assert owners(files.get).of("a") == ("@first",)
    assert owners({}.get).of("a") == ()
