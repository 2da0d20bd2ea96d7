"""What all tests share: overrides instead of patches, a new lifespan for every test."""

from collections.abc import AsyncGenerator

import pytest
from httpx2 import AsyncClient

from app.core.storage import Storage, UnitOfWork, open_storage
from app.settings import Settings
from tests.accounts import sign_in
from tests.serving import application, serve

pytest_plugins = [
    "tests.sql.database",
    "tests.sql.notes",
    "tests.redis.server",
    "tests.admins",
    "tests.callers",
    "tests.cache.processes",
    "tests.queue.operators",
    "tests.queue.settings",
    "tests.queue.stores",
    "tests.fanout.processes",
    "tests.streaming.files",
    "tests.streaming.topics",
    "tests.sockets.visitors",
]


@pytest.fixture
def settings() -> Settings:
    """The settings of the application under test; override it where others are needed."""
    return Settings()


@pytest.fixture
async def storage(settings: Settings) -> AsyncGenerator[Storage]:
    """An empty storage, for tests below HTTP."""
    async with open_storage(settings) as storage:
        yield storage


@pytest.fixture
async def unit(storage: Storage) -> AsyncGenerator[UnitOfWork]:
    """A unit of work of its own."""
    async with storage.unit() as unit:
        yield unit


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[AsyncClient]:
    """A client of a running application."""
    async with serve(application(settings)) as client:
        await sign_in(client)
        yield client
