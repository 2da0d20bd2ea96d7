"""Topics as processes have them, and their readers."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from app.core.events.settings import EventSettings
from app.core.events.topics import OPENED, Topics, open_topics
from app.core.fanout.channels import Fanout
from app.core.redis.connection import SharedRedis


@pytest.fixture
def event_settings() -> EventSettings:
    """Override it where others are needed."""
    return EventSettings()


@pytest.fixture(params=["in process", "in Redis"])
async def topics(
    request: pytest.FixtureRequest, event_settings: EventSettings
) -> AsyncGenerator[Topics]:
    """Each way to have them."""
    is_shared = request.param == "in Redis"
    redis = request.getfixturevalue("redis") if is_shared else None
    fanout = request.getfixturevalue("shared") if is_shared else Fanout()
    async with open_topics(event_settings, redis, fanout) as topics:
        yield topics


@pytest.fixture
async def another_topics(
    event_settings: EventSettings, another_redis: SharedRedis, another_shared: Fanout
) -> AsyncGenerator[Topics]:
    """Those of another process."""
    async with open_topics(event_settings, another_redis, another_shared) as topics:
        yield topics


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
