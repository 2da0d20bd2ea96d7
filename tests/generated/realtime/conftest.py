"""The publish/subscribe and the topics of two processes over one Redis, and their subscribers."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from redis.asyncio import ConnectionPool

from app.realtime.event_log import EventLog, MemoryLog, RedisLog
from app.realtime.pubsub import PubSub, open_pubsub
from app.realtime.rooms import Rooms
from app.realtime.stream_settings import StreamSettings
from app.realtime.topics import Topics
from app.redis.client import RedisClient

IN_PROCESS, IN_REDIS = "in process", "in Redis"


class Cut:
    """Aborts all connections of a process, as a restart of the server does."""

    def __init__(self) -> None:
        self.made: list[tuple[object, Any]] = []

    def __call__(self, redis: RedisClient) -> None:
        for connection in self._connected(redis):
            connection._writer.transport.abort()

    def connected(self, redis: RedisClient) -> int:
        return len(self._connected(redis))

    def _connected(self, redis: RedisClient) -> list[Any]:
        pool = redis.client.connection_pool
        return [one for of, one in self.made if of is pool and one._writer is not None]


@pytest.fixture(autouse=True)
def cut(monkeypatch: pytest.MonkeyPatch) -> Cut:
    cut, make = Cut(), ConnectionPool.make_connection

    def make_and_record(pool: ConnectionPool) -> object:
        connection: object = make(pool)  # type: ignore[no-untyped-call]
        cut.made.append((pool, connection))
        return connection

    monkeypatch.setattr(ConnectionPool, "make_connection", make_and_record)
    return cut


@pytest.fixture
async def shared(redis: RedisClient) -> AsyncGenerator[PubSub]:
    async with open_pubsub(redis) as pubsub:
        yield pubsub


@pytest.fixture
async def another_shared(another_redis: RedisClient) -> AsyncGenerator[PubSub]:
    async with open_pubsub(another_redis) as pubsub:
        yield pubsub


@pytest.fixture(params=[IN_PROCESS, IN_REDIS])
def pubsub(request: pytest.FixtureRequest) -> PubSub:
    if request.param == IN_PROCESS:
        return PubSub()
    found: PubSub = request.getfixturevalue("shared")
    return found


@pytest.fixture
def stream_settings() -> StreamSettings:
    """Override it where others are needed."""
    return StreamSettings()


@pytest.fixture(params=[IN_PROCESS, IN_REDIS])
def log(request: pytest.FixtureRequest, stream_settings: StreamSettings) -> EventLog:
    if request.param == IN_PROCESS:
        return MemoryLog(stream_settings, PubSub())
    pubsub: PubSub = request.getfixturevalue("shared")
    return RedisLog(stream_settings, pubsub, request.getfixturevalue("redis"))


@pytest.fixture
def topics(log: MemoryLog | RedisLog) -> Topics:
    return Topics(log, log._pubsub)


@pytest.fixture
def another_topics(
    stream_settings: StreamSettings, another_redis: RedisClient, another_shared: PubSub
) -> Topics:
    """The topics of another process."""
    log = RedisLog(stream_settings, another_shared, another_redis)
    return Topics(log, another_shared)


@pytest.fixture(params=[IN_PROCESS, IN_REDIS])
def rooms(request: pytest.FixtureRequest) -> Rooms:
    if request.param == IN_PROCESS:
        return Rooms(None, PubSub())
    redis, pubsub = request.getfixturevalue("redis"), request.getfixturevalue("shared")
    return Rooms(redis, pubsub)


@pytest.fixture
def both(
    redis: RedisClient,
    shared: PubSub,
    another_redis: RedisClient,
    another_shared: PubSub,
) -> tuple[Rooms, Rooms]:
    """The rooms of two processes."""
    return (
        Rooms(redis, shared),
        Rooms(another_redis, another_shared),
    )
