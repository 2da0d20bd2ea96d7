"""Commands are sent together and answered in time; during an outage they fail at once."""

import asyncio
from collections.abc import Sequence
from time import monotonic

import pytest

from app.redis.batcher import CommandBatcher
from app.redis.client import RedisClient, RedisUnavailable, open_redis
from app.redis.settings import RedisSettings
from tests.insides.redis.faults import cut, down, hung
from tests.waiting import until


async def test_without_a_url_there_is_no_client() -> None:
    async with open_redis(RedisSettings.model_validate({"redis_url": ""})) as redis:
        assert redis is None


async def test_replies(redis: RedisClient) -> None:
    key = f"{redis.prefix}:a"

    assert await redis.execute("SET", key, b"\x00\xff") == b"OK"
    assert await redis.execute("GET", key) == b"\x00\xff"
    assert await redis.execute("GET", f"{redis.prefix}:b") is None


async def test_a_crowd_shares_messages_and_a_connection(
    redis: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    send = CommandBatcher._execute

    async def count_and_send(
        self: CommandBatcher, commands: Sequence[tuple[str, ...]]
    ) -> Sequence[int]:
        sent.append(len(commands))
        return await send(self, commands)

    monkeypatch.setattr(CommandBatcher, "_execute", count_and_send)

    numbers = [redis.execute("INCR", f"{redis.prefix}:n") for _ in range(600)]

    assert sorted(await asyncio.gather(*numbers)) == list(range(1, 601))
    assert sent == [256, 256, 88]
    assert len(redis.client.connection_pool._available_connections) == 1


async def test_a_transaction_is_one_step(redis: RedisClient) -> None:
    """Whatever else the process sends at the same time."""
    key = f"{redis.prefix}:a"
    swap = (("GET", key), ("SET", key, "new"), ("LPUSH", key, "wrong type"), ("DEL", key))
    others = [redis.execute("GET", key) for _ in range(3)]

    *found, replies = await asyncio.gather(*others, redis.transaction(*swap))

    assert found == [None] * 3
    assert replies[:2] == [None, b"OK"]
    assert isinstance(replies[2], Exception)
    assert replies[3] == 1
    assert not redis._breaker.is_open


async def test_replies_in_a_transaction_are_not_converted(redis: RedisClient) -> None:
    key = f"{redis.prefix}:a"
    replies = await redis.transaction(
        ("XADD", key, "1-0", "e", "x"), ("XRANGE", key, "-", "+"), ("ZADD", f"{key}:z", 1, "b")
    )

    assert replies == [b"1-0", [[b"1-0", [b"e", b"x"]]], 1]


async def test_a_transaction_that_redis_refuses_is_an_outage(redis: RedisClient) -> None:
    with pytest.raises(RedisUnavailable):
        await redis.transaction(("SET", f"{redis.prefix}:a", "1"), ("NONSENSE",))

    redis._breaker.record_success()
    assert await redis.execute("GET", f"{redis.prefix}:a") is None


async def test_a_lost_connection_is_replaced(redis: RedisClient) -> None:
    for _ in range(2):
        cut(redis)

        assert await redis.execute("PING") == b"PONG"


async def test_a_cancelled_request_does_not_disturb_others(redis: RedisClient) -> None:
    leaving = asyncio.ensure_future(redis.execute("PING"))
    staying = asyncio.ensure_future(redis.execute("PING"))
    await asyncio.sleep(0)
    leaving.cancel()

    assert await staying == b"PONG"


async def test_nowait(redis: RedisClient) -> None:
    redis.execute_nowait("SET", f"{redis.prefix}:a", "1")

    assert await redis.execute("GET", f"{redis.prefix}:a") == b"1"


async def test_an_error_opens_the_circuit_breaker(redis: RedisClient) -> None:
    redis.execute_nowait("NONSENSE")
    with pytest.raises(RedisUnavailable):
        await redis.execute("NONSENSE")

    assert redis._breaker.is_open
    with pytest.raises(RedisUnavailable):
        await redis.execute("PING")


async def test_a_hung_server_gets_one_command_in_a_pause(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many requests there are; the outage is logged once."""
    monkeypatch.setattr("app.redis.client.LONGEST_PAUSE_SECONDS", 60)
    async with hung(redis_timeout_seconds=0.02) as (redis, heard):
        sent = len(heard)
        commands = (redis.execute("PING") for _ in range(50))
        refusals = await asyncio.gather(*commands, return_exceptions=True)
        redis.execute_nowait("PING")

        assert {type(refusal) for refusal in refusals} == {RedisUnavailable}
        assert len(heard) == sent
    assert caplog.text.count("redis_unavailable") == 1


async def test_a_busy_process_is_no_outage(
    redis: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = asyncio.ensure_future(redis.execute("PING"))
    for _ in range(2):  # until it is under way
        await asyncio.sleep(0)
    with monkeypatch.context() as late:  # as if the event loop had done everything else first
        late.setattr("app.redis.batcher.monotonic", lambda: monotonic() + 30)
        late.setattr(asyncio.get_running_loop(), "time", lambda: monotonic() + 30)

        assert await pending == b"PONG"


async def test_requests_that_wait_for_a_hung_server_fail_together() -> None:
    async with hung(redis_timeout_seconds=0.2) as (redis, heard):
        redis._breaker.record_success()
        sent = len(heard)
        first = asyncio.ensure_future(redis.execute("PING"))
        await until(lambda: len(heard) > sent)
        second = asyncio.ensure_future(redis.execute("PING"))

        await asyncio.wait([first])
        await asyncio.sleep(0)

        failures = [first.exception(), second.exception()]
        assert [type(failure) for failure in failures] == [RedisUnavailable, RedisUnavailable]
        assert len({failure.__cause__ for failure in failures if failure is not None}) == 1


async def test_a_connection_that_does_not_close_in_time_is_no_error(
    redis_settings: RedisSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_redis(redis_settings) as redis:
        assert redis is not None
        await redis.execute("PING")
        (connection,) = redis.client.connection_pool._available_connections
        monkeypatch.setattr(connection, "socket_connect_timeout", 0.01)
        monkeypatch.setattr(connection._writer, "wait_closed", asyncio.Event().wait)


async def test_the_service_starts_while_redis_is_down(caplog: pytest.LogCaptureFixture) -> None:
    async with down() as redis:
        with pytest.raises(RedisUnavailable):
            await redis.execute("PING")

    assert caplog.text.count("redis_unavailable") == 1
