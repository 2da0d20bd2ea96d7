"""Shared fixtures: overrides instead of patches, a new lifespan for every test."""

from collections.abc import AsyncGenerator

import pytest
from httpx2 import AsyncClient
from starlette.types import ASGIApp

from app.db.database import Database, open_database
from app.db.session import Session
from app.settings import Settings
from tests.accounts import sign_in
from tests.serving import application, connect, started

pytest_plugins = [
    "tests.db.fixtures",
    "tests.redis.fixtures",
    "tests.clients",
    "tests.queue.operator_fixtures",
    "tests.queue.fixtures",
    "tests.queue.example_tasks",
    "tests.files.fixtures",
]


@pytest.fixture
def settings() -> Settings:
    """The settings of the application under test; override it where others are needed."""
    return Settings()


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    """An empty database, for tests below HTTP."""
    async with open_database(settings) as database:
        yield database


@pytest.fixture
async def session(database: Database) -> AsyncGenerator[Session]:
    """A unit of work."""
    async with database.session() as session:
        yield session


@pytest.fixture
async def running_app(settings: Settings) -> AsyncGenerator[ASGIApp]:
    """The application, started for one test."""
    async with started(application(settings)) as app:
        yield app


@pytest.fixture
async def client(running_app: ASGIApp) -> AsyncGenerator[AsyncClient]:
    """A client of the application."""
    async with connect(running_app) as client:
        await sign_in(client)
        yield client
