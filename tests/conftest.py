"""Fixtures for all tests."""

from pathlib import Path

import hypothesis
import pytest

from tests.environment import Environment, prepare
from tests.support import generate

# The same examples in every run: a failure is one that can be seen again.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def plain_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without patterns; tests leave it as it is."""
    return generate(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def environment(plain_project: Path) -> Environment:
    """The environment that projects are checked in."""
    return prepare(plain_project)
