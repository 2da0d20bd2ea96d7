"""Topics as processes have them, and their readers."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from app.core.events.log import Log, MemoryLog
from app.core.events.settings import EventSettings
from app.core.events.shared_log import SharedLog
from app.core.events.topics import OPENED, Topics
from app.core.fanout.channels import Fanout
from app.redis.client import RedisClient


@pytest.fixture
def event_settings() -> EventSettings:
    """Override it where others are needed."""
    return EventSettings()


@pytest.fixture(params=["in process", "in Redis"])
def log(request: pytest.FixtureRequest, event_settings: EventSettings) -> Log:
    """Each way to keep events."""
    if request.param == "in process":
        return MemoryLog(event_settings, Fanout())
    fanout: Fanout = request.getfixturevalue("shared")
    return SharedLog(event_settings, fanout, request.getfixturevalue("redis"))


@pytest.fixture
def topics(event_settings: EventSettings, log: MemoryLog | SharedLog) -> Topics:
    """Those of a process."""
    return Topics(event_settings, log, log._fanout)


@pytest.fixture
def another_topics(
    event_settings: EventSettings, another_redis: RedisClient, another_shared: Fanout
) -> Topics:
    """Those of another process."""
    log = SharedLog(event_settings, another_shared, another_redis)
    return Topics(event_settings, log, another_shared)


@asynccontextmanager
async def following(
    topics: Topics, topic: str = "news", last_id: str | None = None
) -> AsyncGenerator[AsyncGenerator[bytes]]:
    """A stream that is open."""
    async with aclosing(topics.follow(topic, last_id)) as chunks:
        assert await anext(chunks) == OPENED
        yield chunks


async def ids(chunks: AsyncGenerator[bytes], count: int) -> list[str]:
    """The ids of the next events."""
    found: list[str] = []
    while len(found) < count:
        chunk = await anext(chunks)
        found += [
            line.removeprefix("id: ")
            for line in chunk.decode().splitlines()
            if line.startswith("id: ")
        ]
    return found


async def publish(topics: Topics, count: int, topic: str = "news") -> list[str]:
    return [await topics.publish(topic, "n", {"n": number}) for number in range(count)]
