"""Idempotent responses in Redis, for all processes."""

from collections.abc import Sequence

import pytest

from app.core.errors import Unavailable
from app.middleware.idempotency_store import UNCONFIRMED_SECONDS, RedisStore, Store, open_store
from app.redis.batcher import Command, Reply
from app.redis.client import RedisClient, RedisUnavailable, open_redis
from app.redis.settings import RedisSettings
from app.settings import Settings


async def test_processes_share_responses(redis: RedisClient, another_redis: RedisClient) -> None:
    one, another = RedisStore(redis), RedisStore(another_redis)

    assert await one.put_new("a", "first", 60) is None
    assert await another.put_new("a", "second", 60) == "first"
    await another.put("a", "third", 60)
    assert await one.put_new("a", "second", 60) == "third"
    await one.drop("a")
    assert await another.put_new("a", "fourth", 60) is None


async def test_a_text_whose_reply_was_lost_expires_soon(
    redis: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, transaction = RedisStore(redis), redis.transaction

    async def lose_reply(*commands: Command) -> Sequence[Reply]:
        await transaction(*commands)
        raise RedisUnavailable

    with monkeypatch.context() as outage:
        outage.setattr(redis, "transaction", lose_reply)
        with pytest.raises(Unavailable):
            await store.put_new("refused", "first", 300)
    assert await store.put_new("running", "first", 300) is None

    lifetimes = [await redis.execute("TTL", store._key(name)) for name in ("refused", "running")]
    assert lifetimes[0] <= UNCONFIRMED_SECONDS < lifetimes[1]


async def test_a_text_that_has_expired_before_it_was_confirmed_is_refused(
    redis: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, transaction = RedisStore(redis), redis.transaction

    async def stand_still(*commands: Command) -> Sequence[Reply]:
        replies = await transaction(*commands)
        await redis.execute("DEL", store._key("a"))
        return replies

    with monkeypatch.context() as slow:
        slow.setattr(redis, "transaction", stand_still)
        with pytest.raises(Unavailable):
            await store.put_new("a", "first", 300)

    assert await store.put_new("a", "second", 300) is None


async def test_during_an_outage_requests_are_refused() -> None:
    settings = RedisSettings.model_validate({"redis_url": "redis://127.0.0.1:1"})

    async with open_redis(settings) as redis:
        assert redis is not None
        with pytest.raises(Unavailable):
            await RedisStore(redis).put_new("a", "first", 60)


async def test_with_a_redis_url_the_store_is_in_redis(
    redis: RedisClient, settings: Settings
) -> None:
    store = open_store(settings)

    assert isinstance(store.of({"state": {"redis": redis}}), RedisStore)
    assert store.of({"state": {"redis": None}}) is store
    assert isinstance(store, Store)
