"""A Redis for the tests: the one in TEST_REDIS_URL, or a fake within this process.

Every test that reaches it has keys of its own, so that tests can run side by side on one server.
"""

import os
from collections.abc import AsyncGenerator, Generator
from itertools import count
from threading import Thread

import pytest
from fakeredis import TcpFakeServer
from redis import Redis

from app.redis.client import RedisClient, open_redis
from app.redis.settings import RedisSettings
from tests.waiting import TIMEOUT

OWN = f"test-{os.getpid()}"
"""Prefix of all keys of this process."""

numbers = count(1)


@pytest.fixture(scope="session")
def redis_server() -> Generator[str]:
    """URL of the server of the tests."""
    if given := os.environ.get("REDIS_URL"):
        yield given
        with Redis.from_url(given) as client:
            for key in client.scan_iter(f"{OWN}-*"):
                client.delete(key)
        return
    server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def own_keys(monkeypatch: pytest.MonkeyPatch) -> str:
    """Prefix of the keys of this test, also in settings, with a long timeout."""
    prefix = f"{OWN}-{next(numbers)}"
    monkeypatch.setenv("REDIS_PREFIX", prefix)
    monkeypatch.setenv("REDIS_TIMEOUT_SECONDS", "20")
    return prefix


@pytest.fixture(autouse=True)
def own_keys_on_a_given_server(request: pytest.FixtureRequest) -> None:
    """Without one, applications share nothing unless a test lets them."""
    if os.environ.get("REDIS_URL"):
        request.getfixturevalue("redis_url")


@pytest.fixture
def redis_url(redis_server: str, own_keys: str) -> str:
    """URL of the server, for settings with a prefix of their own."""
    assert own_keys
    return redis_server


@pytest.fixture
def redis_settings(redis_url: str, own_keys: str, monkeypatch: pytest.MonkeyPatch) -> RedisSettings:
    """Settings with a server, and a timeout for slow test machines."""
    # The first pause of an outage is a sixteenth of it.
    monkeypatch.setattr("app.redis.client.LONGEST_PAUSE_SECONDS", 16 * TIMEOUT)
    return RedisSettings.model_validate(
        {"redis_url": redis_url, "redis_prefix": own_keys, "redis_timeout_seconds": 20}
    )


@pytest.fixture
async def redis(redis_settings: RedisSettings) -> AsyncGenerator[RedisClient]:
    """The connections of a process."""
    async with open_redis(redis_settings) as redis:
        assert redis is not None
        yield redis
        for key in [key async for key in redis.client.scan_iter(f"{redis.prefix}:*")]:
            await redis.client.delete(key)


@pytest.fixture
async def another_redis(redis_settings: RedisSettings) -> AsyncGenerator[RedisClient]:
    """The connections of another process to the same server."""
    async with open_redis(redis_settings) as redis:
        assert redis is not None
        yield redis
