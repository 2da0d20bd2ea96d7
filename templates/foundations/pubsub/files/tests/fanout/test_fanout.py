"""Messages reach all who listen, in order, and again after an outage."""

from contextlib import suppress
from functools import partial

import pytest
from redis.asyncio.client import PubSub

from app.core.fanout.channels import Fanout
from app.core.fanout.fanout import open_fanout
from app.core.fanout.shared import SharedFanout
from app.redis.client import RedisClient, RedisUnavailable
from tests.fanout.processes import Ear, cut
from tests.redis.faults import down
from tests.waiting import until


async def joined(fanout: Fanout, channel: str) -> Ear:
    ear = Ear()
    fanout.join(channel, ear)
    await until(lambda: ear.connections > 0)
    return ear


async def test_messages_come_in_order(fanout: Fanout) -> None:
    ear = await joined(fanout, "a")

    for number in range(100):
        await fanout.publish("a", b"%d" % number)

    await until(lambda: len(ear.heard) == 100)
    assert ear.heard == [b"%d" % number for number in range(100)]


async def test_a_channel_is_not_another_one(fanout: Fanout) -> None:
    ear, other = await joined(fanout, "a"), await joined(fanout, "a:b")

    await fanout.publish("a:b", b"1")
    await fanout.publish("nobody", b"2")

    await until(lambda: other.heard == [b"1"])
    assert ear.heard == []


async def test_who_has_left_hears_nothing(fanout: Fanout) -> None:
    ear, staying = await joined(fanout, "a"), await joined(fanout, "b")
    fanout.leave("a")

    await fanout.publish("a", b"1")
    await fanout.publish("b", b"2")

    await until(lambda: staying.heard == [b"2"])
    assert ear.heard == []


async def test_who_leaves_and_comes_back_misses_nothing_from_then_on(fanout: Fanout) -> None:
    await joined(fanout, "a")
    for _ in range(20):
        fanout.leave("a")
        ear = await joined(fanout, "a")

        await fanout.publish("a", b"1")

        await until(lambda ear=ear: ear.heard == [b"1"])  # type: ignore[misc]


async def test_a_change_of_mind_counts(shared: Fanout) -> None:
    """However fast: what counts is the last word."""
    ear = Ear()
    for _ in range(10):
        shared.join("a", ear)
        shared.leave("a")
    shared.join("a", ear)
    await until(lambda: ear.connections > 0)

    await shared.publish("a", b"1")

    await until(lambda: ear.heard == [b"1"])


async def test_what_is_not_understood_is_logged(
    fanout: Fanout, caplog: pytest.LogCaptureFixture
) -> None:
    ear = await joined(fanout, "a")

    await fanout.publish("a", b"broken")
    await fanout.publish("a", b"1")

    await until(lambda: ear.heard == [b"1"])
    assert "message_not_understood" in caplog.text


async def test_processes_hear_each_other(shared: Fanout, another_shared: Fanout) -> None:
    ears = [await joined(shared, "a"), await joined(another_shared, "a")]

    await shared.publish("a", b"1")
    await another_shared.publish("a", b"2")

    for ear in ears:
        await until(lambda ear=ear: sorted(ear.heard) == [b"1", b"2"])  # type: ignore[misc]


async def test_a_connection_that_was_cut_is_replaced(redis: RedisClient, shared: Fanout) -> None:
    ears = [await joined(shared, name) for name in ("a", "b")]

    cut(redis)
    await until(lambda: [ear.connections for ear in ears] == [2, 2])
    await shared.publish("a", b"1")

    await until(lambda: ears[0].heard == [b"1"])


async def test_who_joins_when_the_connection_breaks_is_heard_all_the_same(
    redis: RedisClient, shared: Fanout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of both sides notices it first."""
    monkeypatch.setattr("app.core.fanout.shared.LONGEST_PAUSE", 0.1)
    await joined(shared, "a")
    for number in range(10):
        cut(redis)
        ear = await joined(shared, f"b{number}")
        await until(partial(said_and_heard, shared, f"b{number}", ear))


async def said_and_heard(shared: Fanout, name: str, ear: Ear) -> bool:
    with suppress(RedisUnavailable):
        await shared.publish(name, b"1")
    return bool(ear.heard)


async def test_what_is_not_sent_is_said() -> None:
    async with down() as redis, SharedFanout(redis).running() as fanout:
        with pytest.raises(RedisUnavailable):
            await fanout.publish("a", b"1")


async def test_a_server_that_says_nothing_is_gone(
    shared: Fanout, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def say_nothing(_pubsub: PubSub) -> None:
        pass

    ear = await joined(shared, "a")
    monkeypatch.setattr(PubSub, "ping", say_nothing)
    monkeypatch.setattr("app.core.fanout.shared.SILENCE_SECONDS", 0.1)
    await shared.publish("a", b"1")

    await until(lambda: ear.connections > 1)


async def test_a_server_that_answers_is_not(
    shared: Fanout, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    ping = PubSub.ping

    async def ask(pubsub: PubSub) -> None:
        asked.append(pubsub)
        await ping(pubsub)

    ear = await joined(shared, "a")
    monkeypatch.setattr(PubSub, "ping", ask)
    monkeypatch.setattr("app.core.fanout.shared.SILENCE_SECONDS", 0.1)
    await shared.publish("a", b"1")

    await until(lambda: len(asked) > 3)
    assert ear.connections == 1


async def test_without_redis_a_process_is_alone(redis: RedisClient) -> None:
    async with open_fanout(None, None) as alone, open_fanout(None, redis) as together:
        assert isinstance(together, SharedFanout)
        assert not isinstance(alone, SharedFanout)
