"""Caches with each kind of store, and those of two processes with one Redis."""

import pytest

from app.cache.cache import Cache
from app.cache.store import MemoryStore, RedisStore, Store
from app.redis.client import RedisClient
from tests.insides.cache.processes import IN_MEMORY, IN_REDIS, settings
from tests.insides.database.conftest import notes

__all__ = ["notes"]


@pytest.fixture(autouse=True)
def long_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine of the tests may be slow."""
    monkeypatch.setattr("app.cache.cache.WAIT_SECONDS", 20)


@pytest.fixture(params=[IN_MEMORY, IN_REDIS])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == IN_MEMORY:
        return MemoryStore(1_000_000)
    return RedisStore(request.getfixturevalue("redis"))


@pytest.fixture
def cache(store: Store) -> Cache:
    return Cache(store, settings())


@pytest.fixture
def processes(redis: RedisClient, another_redis: RedisClient) -> list[Cache]:
    return [Cache(RedisStore(one), settings()) for one in (redis, another_redis)]
