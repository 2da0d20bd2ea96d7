"""What all processes keep in Redis."""

import pytest

from app.core.errors import Unavailable
from app.core.redis.connection import SharedRedis, open_redis
from app.core.redis.settings import RedisSettings
from app.middleware.idempotency_store import SharedTexts, Store, open_store
from app.settings import Settings


async def test_two_processes_keep_the_same(redis: SharedRedis, another_redis: SharedRedis) -> None:
    one, another = SharedTexts(redis), SharedTexts(another_redis)

    assert await one.put_new("a", "first", 60) is None
    assert await another.put_new("a", "second", 60) == "first"
    await another.put("a", "third", 60)
    assert await one.put_new("a", "second", 60) == "third"
    await one.drop("a")
    assert await another.put_new("a", "fourth", 60) is None


async def test_while_redis_is_silent_nothing_is_promised() -> None:
    settings = RedisSettings.model_validate({"redis_url": "redis://127.0.0.1:1"})

    async with open_redis(settings) as redis:
        assert redis is not None
        with pytest.raises(Unavailable):
            await SharedTexts(redis).put_new("a", "first", 60)


async def test_in_redis_where_there_is_one(redis: SharedRedis, settings: Settings) -> None:
    store = open_store(settings)

    assert isinstance(store.of({"state": {"redis": redis}}), SharedTexts)
    assert store.of({"state": {"redis": None}}) is store
    assert isinstance(store, Store)
