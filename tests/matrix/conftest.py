"""Fixtures for tests that run projects."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import Environment
from tests.services import DATABASES, new_database


@pytest.fixture(params=DATABASES)
def database_url(
    request: pytest.FixtureRequest, environment: Environment, tmp_path: Path
) -> Iterator[str]:
    """The URL of an empty database, of each kind or of those that a test names."""
    with new_database(request.param, environment, tmp_path) as url:
        yield url
