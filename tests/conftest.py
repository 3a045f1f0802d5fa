"""Fixtures of all tests. Plugins must be named in the topmost conftest."""

import os

import hypothesis
import pytest

# How long one example takes says more about a busy machine than about the code.
hypothesis.settings.register_profile("yardarm", deadline=None)
hypothesis.settings.register_profile("fast", deadline=None, max_examples=15)
hypothesis.settings.load_profile("yardarm")

pytest_plugins = ["tests.controlplane.fixtures"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to rewrite the expected files of case folders."""
    parser.addoption(
        "--update-cases", action="store_true", help="rewrite expected files; look at the difference yourself"
    )


@pytest.fixture
def update_cases(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are to be rewritten: never in CI, where nobody looks at the difference."""
    wanted = bool(request.config.getoption("--update-cases"))
    if wanted and os.environ.get("CI"):
        pytest.fail("--update-cases is refused in CI")
    return wanted
