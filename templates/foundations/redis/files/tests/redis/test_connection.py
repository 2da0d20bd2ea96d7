"""Answers come together, in time, or not at all; and then nobody waits for them."""

import asyncio
from collections.abc import Sequence
from time import monotonic

import pytest

from app.core.redis.batches import Batches
from app.core.redis.breaker import Breaker
from app.core.redis.connection import RedisSilent, Script, SharedRedis, open_redis
from app.core.redis.settings import RedisSettings
from tests.redis.faults import cut, down, hung
from tests.waiting import until


async def test_without_a_url_there_is_none() -> None:
    async with open_redis(RedisSettings.model_validate({"redis_url": ""})) as redis:
        assert redis is None


async def test_answers(redis: SharedRedis) -> None:
    key = f"{redis.prefix}:a"

    assert await redis.ask("SET", key, b"\x00\xff") is True
    assert await redis.ask("GET", key) == b"\x00\xff"
    assert await redis.ask("GET", f"{redis.prefix}:b") is None


async def test_a_crowd_shares_messages_and_a_connection(
    redis: SharedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    send = Batches._send_all

    async def count_and_send(self: Batches, commands: Sequence[tuple[str, ...]]) -> Sequence[int]:
        sent.append(len(commands))
        return await send(self, commands)

    monkeypatch.setattr(Batches, "_send_all", count_and_send)

    numbers = [redis.ask("INCR", f"{redis.prefix}:n") for _ in range(600)]

    assert sorted(await asyncio.gather(*numbers)) == list(range(1, 601))
    assert sent == [256, 256, 88]
    assert len(redis.client.connection_pool._available_connections) == 1


async def test_scripts_are_sent_once(redis: SharedRedis) -> None:
    script = Script(f"return {{KEYS[1], ARGV[1]}} -- {redis.prefix}")
    assert await redis.run(script, ["a"], ["b"]) == [b"a", b"b"]

    script.text = "not sent again"

    assert await redis.run(script, ["a"], ["b"]) == [b"a", b"b"]


async def test_a_server_that_is_back_without_its_scripts_gets_them_at_once(
    redis: SharedRedis,
) -> None:
    now = 0.0
    redis._breaker = Breaker(60, clock=lambda: now)
    redis._breaker.failed(ConnectionError())
    now = 60.0
    script = Script(f"return ARGV[1] -- {redis.prefix}")
    redis._sent.add(script.sha)

    assert await redis.run(script, [], ["b"]) == b"b"


async def test_a_connection_that_was_cut_is_replaced(redis: SharedRedis) -> None:
    for _ in range(2):
        cut(redis)

        assert await redis.ask("PING") is True


async def test_a_request_that_leaves_takes_nothing_with_it(redis: SharedRedis) -> None:
    leaving = asyncio.ensure_future(redis.ask("PING"))
    staying = asyncio.ensure_future(redis.ask("PING"))
    await asyncio.sleep(0)
    leaving.cancel()

    assert await staying is True


async def test_nobody_waits_for_what_is_told(redis: SharedRedis) -> None:
    redis.tell("SET", f"{redis.prefix}:a", "1")

    assert await redis.ask("GET", f"{redis.prefix}:a") == b"1"


async def test_a_server_that_complains_is_left_alone(redis: SharedRedis) -> None:
    redis.tell("NONSENSE")
    with pytest.raises(RedisSilent):
        await redis.ask("NONSENSE")

    assert not redis.answers
    with pytest.raises(RedisSilent):
        await redis.ask("PING")


async def test_a_hung_server_is_asked_once_a_pause(caplog: pytest.LogCaptureFixture) -> None:
    """However many requests there are, and there is one line in the log."""
    async with hung(redis_timeout_seconds=0.02, redis_pause_seconds=60) as (redis, heard):
        asked = len(heard)
        asks = (redis.ask("PING") for _ in range(50))
        refusals = await asyncio.gather(*asks, return_exceptions=True)
        redis.tell("PING")

        assert {type(refusal) for refusal in refusals} == {RedisSilent}
        assert len(heard) == asked
    assert caplog.text.count("redis_unavailable") == 1


async def test_a_busy_process_does_not_take_the_server_for_silent(
    redis: SharedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = asyncio.ensure_future(redis.ask("PING"))
    for _ in range(2):  # until it is under way
        await asyncio.sleep(0)
    with monkeypatch.context() as late:  # as if everything else came first
        late.setattr("app.core.redis.batches.monotonic", lambda: monotonic() + 30)
        late.setattr(asyncio.get_running_loop(), "time", lambda: monotonic() + 30)

        assert await asking is True


async def test_all_that_wait_for_a_hung_server_give_up_together() -> None:
    async with hung(redis_timeout_seconds=0.2) as (redis, heard):
        redis._breaker.answered()
        asked = len(heard)
        first = asyncio.ensure_future(redis.ask("PING"))
        await until(lambda: len(heard) > asked)
        second = asyncio.ensure_future(redis.ask("PING"))

        await asyncio.wait([first])
        await asyncio.sleep(0)

        assert isinstance(first.exception(), RedisSilent)
        assert isinstance(second.exception(), RedisSilent)


async def test_a_server_that_is_down_does_not_keep_the_service_from_starting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with down() as redis:
        with pytest.raises(RedisSilent):
            await redis.ask("PING")

    assert caplog.text.count("redis_unavailable") == 1
