"""Fixtures for all tests."""

from pathlib import Path

import hypothesis
import pytest

from fastgen.catalogue import known
from fastgen.patterns import offered
from fastgen.project import Operation
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
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The environment that projects are checked in: all that any of them requires."""
    names = [pattern.name for pattern in offered()]
    added = [Operation("middleware", name) for name in known()]
    folder = tmp_path_factory.mktemp("fullest")
    return prepare(generate(folder, patterns=names, operations=added))
