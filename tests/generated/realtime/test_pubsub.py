"""Messages reach all subscribers, in order, and again after an outage."""

import asyncio
import os
from contextlib import suppress
from functools import partial

import pytest
from redis.asyncio.connection import AbstractConnection

from app.core.errors import Unavailable
from app.realtime import pubsub as module
from app.realtime.pubsub import PubSub, RedisPubSub, open_pubsub
from app.realtime.task_group import running
from app.redis.client import RedisClient, RedisUnavailable
from tests.insides.realtime.conftest import Cut
from tests.insides.realtime.followers import Recorder
from tests.insides.redis.faults import down, hung
from tests.waiting import until

CUTS = int(os.environ.get("CUTS", "10"))


async def subscribed(pubsub: PubSub, channel: str) -> Recorder:
    recorder = Recorder()
    recorder.subscribe(pubsub, channel)
    await until(lambda: recorder.connections > 0)
    return recorder


async def test_messages_arrive_in_order(pubsub: PubSub) -> None:
    recorder = await subscribed(pubsub, "a")

    for number in range(100):
        await pubsub.publish("a", b"%d" % number)

    await until(lambda: len(recorder.messages) == 100)
    assert recorder.messages == [b"%d" % number for number in range(100)]


async def test_channels_are_separate(pubsub: PubSub) -> None:
    one, other = await subscribed(pubsub, "a"), await subscribed(pubsub, "a:b")

    await pubsub.publish("a:b", b"1")
    await pubsub.publish("nobody", b"2")

    await until(lambda: other.messages == [b"1"])
    assert one.messages == []


async def test_after_unsubscribe_no_message_arrives(pubsub: PubSub) -> None:
    gone, staying = await subscribed(pubsub, "a"), await subscribed(pubsub, "b")
    gone.unsubscribe()

    await pubsub.publish("a", b"1")
    await pubsub.publish("b", b"2")

    await until(lambda: staying.messages == [b"2"])
    assert gone.messages == []
    assert gone.is_closed


async def test_the_users_of_a_channel_share_its_subscriber(pubsub: PubSub) -> None:
    recorder = await subscribed(pubsub, "a")

    with pubsub.subscription("a", Recorder) as shared:
        assert shared is recorder
        recorder.unsubscribe()
        assert not recorder.is_closed
        await pubsub.publish("a", b"1")
        await until(lambda: recorder.messages == [b"1"])

    assert recorder.is_closed
    with pubsub.subscription("a", Recorder) as another:
        assert another is not recorder


async def test_shutdown_ends_the_users_and_waits_for_them(pubsub: PubSub) -> None:
    recorder = await subscribed(pubsub, "a")

    closing = asyncio.ensure_future(pubsub.close())
    await until(lambda: recorder.is_shut_down)
    assert not closing.done()
    recorder.unsubscribe()
    await closing

    with pytest.raises(Unavailable), pubsub.subscription("a", Recorder):
        pass


async def test_a_new_subscriber_misses_nothing_once_connected(pubsub: PubSub) -> None:
    recorder = await subscribed(pubsub, "a")
    for _ in range(20):
        recorder.unsubscribe()
        recorder = await subscribed(pubsub, "a")

        await pubsub.publish("a", b"1")

        await until(partial(has_one, recorder))


def has_one(recorder: Recorder) -> bool:
    return recorder.messages == [b"1"]


async def test_the_last_of_many_changes_counts(shared: PubSub) -> None:
    for _ in range(10):
        with shared.subscription("a", Recorder):
            pass

    recorder = await subscribed(shared, "a")
    await shared.publish("a", b"1")

    await until(lambda: recorder.messages == [b"1"])


async def test_an_error_of_a_subscriber_is_logged(
    pubsub: PubSub, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = await subscribed(pubsub, "a")

    await pubsub.publish("a", b"broken")
    await pubsub.publish("a", b"1")

    await until(lambda: recorder.messages == [b"1"])
    assert "message_failed" in caplog.text


async def test_processes_receive_each_other_s_messages(
    shared: PubSub, another_shared: PubSub
) -> None:
    recorders = [await subscribed(shared, "a"), await subscribed(another_shared, "a")]

    await shared.publish("a", b"1")
    await another_shared.publish("a", b"2")

    for recorder in recorders:
        await until(lambda recorder=recorder: sorted(recorder.messages) == [b"1", b"2"])  # type: ignore[misc]


async def test_a_lost_connection_is_replaced(redis: RedisClient, shared: PubSub, cut: Cut) -> None:
    recorders = [await subscribed(shared, name) for name in ("a", "b")]

    cut(redis)
    await until(lambda: min(recorder.connections for recorder in recorders) > 1)
    await shared.publish("a", b"1")

    await until(lambda: recorders[0].messages == [b"1"])


async def test_subscriptions_survive_cuts_at_any_moment(
    redis: RedisClient,
    shared: PubSub,
    cut: Cut,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A cut while a channel is subscribed to: both sides may notice it first."""
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.05)
    await subscribed(shared, "a")
    for number in range(CUTS):
        recorder = Recorder()
        if number % 2:
            cut(redis)
        recorder.subscribe(shared, f"b{number}")
        for _ in range(number % 5):
            await asyncio.sleep(0)
        cut(redis)
        await until(partial(is_received, shared, f"b{number}", recorder))

    errors = {line.partition("'error': ")[2] for line in caplog.text.splitlines()}
    assert not [error for error in errors if "NoneType" in error or "RuntimeError" in error]


async def is_received(pubsub: PubSub, channel: str, recorder: Recorder) -> bool:
    with suppress(RedisUnavailable):
        await pubsub.publish(channel, b"1")
    return bool(recorder.messages)


async def test_nothing_is_left_behind(redis: RedisClient, cut: Cut) -> None:
    before = asyncio.all_tasks()
    async with open_pubsub(redis) as pubsub:
        for _ in range(5):
            recorder = await subscribed(pubsub, "a")
            cut(redis)
            await until(lambda recorder=recorder: recorder.connections > 1)  # type: ignore[misc]
            recorder.unsubscribe()

    assert asyncio.all_tasks() == before
    assert await redis.execute("PING") == b"PONG"  # its connection was cut, too
    assert cut.connected(redis) == len(redis.client.connection_pool._available_connections)


class Replies:
    """A connection on which Redis has sent these replies, and nothing after them."""

    def __init__(self, *replies: object) -> None:
        self._replies = [*replies]

    async def send_command(self, *_: object) -> None:
        pass

    async def read_response(self, **_: object) -> object:
        if not self._replies:
            await asyncio.get_running_loop().create_future()
        return self._replies.pop(0)


class Late(Recorder):
    """Records how often it had been connected before each message."""

    def receive(self, _message: bytes) -> None:
        self.messages.append(b"%d" % self.connections)


async def test_a_subscriber_is_connected_before_its_first_message(redis: RedisClient) -> None:
    """Also while the PING after the SUBSCRIBE is not answered yet."""
    pubsub, late = RedisPubSub(redis), Late()
    late.subscribe(pubsub, "a")
    name = pubsub.full_name("a").encode()
    connection = Replies([b"subscribe", name, 1], [b"message", name, b"1"], b"PONG")

    async with running(pubsub._write(connection), pubsub._read(connection)):
        await until(lambda: late.messages)

    assert late.messages == [b"1"]


async def test_an_outage_is_raised() -> None:
    async with down() as redis, open_pubsub(redis) as pubsub:
        with pytest.raises(RedisUnavailable):
            await pubsub.publish("a", b"1")


async def test_an_idle_connection_is_kept_as_long_as_redis_answers(
    shared: PubSub, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, send = await subscribed(shared, "a"), AbstractConnection.send_command
    sent: list[tuple[object, ...]] = []

    async def send_and_note(connection: AbstractConnection, *args: object) -> None:
        sent.append(args)
        await send(connection, *args)

    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.5)
    monkeypatch.setattr(AbstractConnection, "send_command", send_and_note)
    await shared.publish("a", b"1")  # ends the read with the longer timeout

    await until(lambda: sent.count(("PING",)) > 3)
    assert recorder.connections == 1


async def test_a_connection_without_answers_is_replaced(
    shared: PubSub, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, send = await subscribed(shared, "a"), AbstractConnection.send_command
    lost: list[object] = []

    async def send_without_pings(connection: AbstractConnection, *args: object) -> None:
        if args == ("PING",):
            lost.append(args)
        else:
            await send(connection, *args)

    with monkeypatch.context() as silent:
        silent.setattr(module, "SILENCE_SECONDS", 0.05)
        silent.setattr(AbstractConnection, "send_command", send_without_pings)
        await shared.publish("a", b"1")
        await until(lambda: len(lost) > 1)  # the second one is that of a new connection

    await until(lambda: recorder.connections > 1)


async def test_a_hung_server_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.02)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.02)
    async with hung() as (redis, heard), open_pubsub(redis) as pubsub:
        Recorder().subscribe(pubsub, "a")
        before = len(heard)

        await until(lambda: len(heard) > before + 2)


async def test_without_redis_a_process_is_alone(redis: RedisClient) -> None:
    async with open_pubsub(None) as alone, open_pubsub(redis) as together:
        assert isinstance(together, RedisPubSub)
        assert not isinstance(alone, RedisPubSub)
