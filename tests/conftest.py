"""Fixtures for all tests."""

import compileall
import os
import signal
from pathlib import Path

import hypothesis
import pytest

from fastgen.middleware.catalogue import known
from fastgen.project.extras import names as extras
from fastgen.project.operations import Operation
from fastgen.project.patterns import names
from tests.environment import Environment, prepare
from tests.support import ROOT, generate

# The same examples in every run: a failure is one that can be seen again.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")

# An ignored signal is inherited: servers that tests start would ignore it too.
signal.signal(signal.SIGTERM, signal.SIG_DFL)

# Where Python may not write bytecode, every command that a test starts would compile fastgen anew.
compileall.compile_dir(ROOT / "src", quiet=1)


LONGEST = (
    "test_generated.py",
    "test_additions.py",
    "test_databases.py",
    "test_fresh_environment.py",
    "test_database_page.py",
    "test_merge_faults.py",
    "test_add_faults.py",
    "test_migrations.py",
)
"""Files with tests that take a minute or more, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, so that no worker ends long after the others."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests wait for the programs that they start."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def plain_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project without patterns; tests leave it as it is."""
    return generate(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The environment that projects are checked in: all that any of them requires."""
    added = [
        *(Operation("middleware", name) for name in known()),
        *(Operation("extra", name) for name in extras()),
    ]
    folder = tmp_path_factory.mktemp("fullest")
    return prepare(generate(folder, patterns=names(), operations=added))
