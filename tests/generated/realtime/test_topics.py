"""Followers of a topic miss no event, get none twice, and never block others."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from app.core.errors import Invalid, PayloadTooLarge, Unavailable
from app.realtime.event_log import Event, EventId, EventLog, MemoryLog, Page, RedisLog
from app.realtime.pubsub import PubSub, open_pubsub
from app.realtime.stream_settings import StreamSettings
from app.realtime.streams import HEARTBEAT
from app.realtime.subscribers import SubscriberQueue, Topic
from app.realtime.topics import OPENED, Topics, make_topics
from app.redis.client import RedisClient, RedisUnavailable
from tests.insides.realtime.conftest import Cut
from tests.insides.realtime.followers import following, ids, publish
from tests.insides.redis.faults import down
from tests.waiting import TIMEOUT, until


async def test_an_event_is_a_frame(topics: Topics) -> None:
    async with following(topics) as chunks:
        event_id = await topics.publish("news", "price_changed", {"item": 7, "name": "Ä\n"})

        frame = await anext(chunks)

    data = '{"item":7,"name":"Ä\\n"}'
    assert frame.decode() == f"id: {event_id}\nevent: price_changed\ndata: {data}\n\n"


async def test_only_one_s_own_topic(topics: Topics) -> None:
    async with following(topics) as chunks:
        await publish(topics, 1, "weather")
        expected = await publish(topics, 1)

        assert await ids(chunks, 1) == expected


async def test_it_goes_on_after_the_last_event_that_was_seen(topics: Topics) -> None:
    before = await publish(topics, 120)
    async with following(topics, last_id=before[9]) as chunks:
        later = await publish(topics, 3)

        assert await ids(chunks, 113) == before[10:] + later


async def test_a_resumed_stream_has_no_gap_and_no_double_whatever_is_published(
    topics: Topics,
) -> None:
    published = await publish(topics, 5)
    for _ in range(5):
        publishing = asyncio.ensure_future(publish(topics, 40))
        async with following(topics, last_id=published[-1]) as chunks:
            seen = await ids(chunks, 40)
        new = await publishing

        assert seen == new
        published += new


@pytest.mark.parametrize("last_id", ["1-1", "nonsense", ""])
async def test_expired_events_cause_one_reset(topics: Topics, last_id: str) -> None:
    before = await publish(topics, 3)
    async with following(topics, last_id=last_id) as chunks:
        assert await anext(chunks) == f"event: reset\nid: {before[-1]}\ndata: {{}}\n\n".encode()
        after = await publish(topics, 2)

        assert await ids(chunks, 2) == after


async def test_all_get_the_same_bytes(topics: Topics) -> None:
    async with following(topics) as one, following(topics) as other:
        await publish(topics, 1)

        assert await anext(one) == await anext(other)


class TestQuiet:
    async def test_there_is_a_heartbeat(
        self, topics: Topics, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.realtime.topics.HEARTBEAT_SECONDS", 0.01)
        async with following(topics) as chunks:
            assert await anext(chunks) == HEARTBEAT


class TestSlow:
    async def test_slow_clients_are_disconnected_and_may_resume(
        self, topics: Topics, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.realtime.topics.BUFFER_SIZE", 5)
        async with following(topics) as slow, following(topics) as quick:
            seen = []
            published = await publish(topics, 1)
            seen += await ids(quick, 1)
            assert await ids(slow, 1) == published
            for _ in range(10):
                published += await publish(topics, 1)
                seen += await ids(quick, 1)

            assert seen == published
            assert [chunk async for chunk in slow] == []
        async with following(topics, last_id=published[0]) as resumed:
            assert await ids(resumed, 10) == published[1:]


async def test_shutdown_ends_streams(topics: Topics) -> None:
    async with following(topics) as chunks:
        expected = await publish(topics, 1)
        await ids(chunks, 0)
        topics._pubsub.start_to_close()
        rest = b"".join([chunk async for chunk in chunks])

    assert rest.startswith(f"id: {expected[0]}\n".encode()) or b"closing" in rest
    assert b": closing\nretry: " in rest
    with pytest.raises(Unavailable):
        await anext(topics.follow("news"))


async def test_nothing_is_left_of_who_left(topics: Topics) -> None:
    for _ in range(5):
        async with following(topics), following(topics):
            assert len(topics._pubsub._subscribers) == 1

        assert topics._pubsub._subscribers == {}


@pytest.mark.parametrize(
    ("data", "error"),
    [({"n": float("nan")}, Invalid), ({"text": "x" * 70_000}, PayloadTooLarge)],
    ids=["NaN", "large"],
)
async def test_invalid_events_are_refused(
    topics: Topics, data: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await topics.publish("news", "n", data)


class TestProcesses:
    @pytest.fixture
    def log(self, stream_settings: StreamSettings, redis: RedisClient, shared: PubSub) -> EventLog:
        return RedisLog(stream_settings, shared, redis)

    async def test_they_share_events(self, topics: Topics, another_topics: Topics) -> None:
        async with following(topics) as one, following(another_topics) as other:
            published = await publish(topics, 3) + await publish(another_topics, 3)

            assert await ids(one, 6) == published
            assert await ids(other, 6) == published
        async with following(another_topics, last_id=published[0]) as resumed:
            assert await ids(resumed, 5) == published[1:]

    async def test_events_missed_during_an_outage_follow_it(
        self, topics: Topics, another_topics: Topics, redis: RedisClient, cut: Cut
    ) -> None:
        async with following(topics) as chunks:
            published = await publish(another_topics, 2)
            cut(redis)
            published += await publish(another_topics, 100)

            assert await ids(chunks, 102) == published

    async def test_events_lost_in_an_outage_cause_a_reset(
        self, topics: Topics, another_topics: Topics, redis: RedisClient, cut: Cut
    ) -> None:
        async with following(topics) as chunks:
            await ids(chunks, len(await publish(topics, 1)))
            cut(redis)
            await another_topics._log._redis.client.delete(  # type: ignore[union-attr]
                f"{redis.prefix}:events:news"
            )

            assert (await anext(chunks)).startswith(b"event: reset\n")
            published = await publish(another_topics, 1)
            assert await ids(chunks, 1) == published

    async def test_a_log_that_does_not_reply_is_read_again(
        self, topics: Topics, redis: RedisClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.realtime.subscribers.RETRY_SECONDS", 0)
        before = await publish(topics, 3)
        run, fails = redis.transaction, iter([True, True])

        async def fail_at_first(*arguments: Any) -> Any:
            if next(fails, False):
                raise RedisUnavailable
            return await run(*arguments)

        async with following(topics), following(topics, last_id=before[0]) as chunks:
            monkeypatch.setattr(redis, "transaction", fail_at_first)

            assert [await anext(chunks) for _ in range(2)] == [HEARTBEAT, HEARTBEAT]
            assert await ids(chunks, 2) == before[1:]


async def test_without_an_answer_nothing_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.realtime.topics.READY_TIMEOUT_SECONDS", 0.01)
    async with down() as redis, open_pubsub(redis) as pubsub:
        topics = make_topics(StreamSettings(), redis, pubsub)
        with pytest.raises(Unavailable):
            await topics.publish("news", "n", {})
        async with aclosing(topics.follow("news")) as chunks:
            assert [await anext(chunks) for _ in range(2)] == [HEARTBEAT, HEARTBEAT]
            topics._pubsub.start_to_close()
            assert (await anext(chunks)).startswith(b": closing\n")


class Disconnected(PubSub):
    """Subscriptions take effect at `connect`."""

    def _change(self, _channel: str) -> None:
        pass

    def connect(self) -> None:
        for subscriber in self._subscribers.values():
            subscriber.connected()


class TestOutage:
    @pytest.fixture
    def pubsub(self, monkeypatch: pytest.MonkeyPatch) -> Disconnected:
        monkeypatch.setattr("app.realtime.topics.READY_TIMEOUT_SECONDS", 0.01)
        return Disconnected()

    @pytest.fixture
    def log(self, stream_settings: StreamSettings, pubsub: PubSub) -> EventLog:
        return MemoryLog(stream_settings, pubsub)

    async def test_clients_that_resume_before_the_channel_miss_nothing(
        self, topics: Topics, pubsub: Disconnected
    ) -> None:
        before = await publish(topics, 2)
        async with aclosing(topics.follow("news", before[0])) as chunks:
            assert await anext(chunks) == HEARTBEAT
            meanwhile = await publish(topics, 2)
            pubsub.connect()
            while await anext(chunks) != OPENED:
                pass
            later = await publish(topics, 2)

            assert await ids(chunks, 5) == [before[1], *meanwhile, *later]

    async def test_events_appended_while_the_log_is_read_are_sent(
        self, topics: Topics, pubsub: Disconnected, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        after, first = topics._log.after, iter([True, True])
        published: list[str] = []

        async def read_while_more_comes(*arguments: Any) -> Page:
            page = await after(*arguments)
            if next(first, False):
                published.extend(await publish(topics, 4))
            return page

        async with aclosing(topics.follow("news")) as chunks:
            await anext(chunks)
            pubsub.connect()
            while await anext(chunks) != OPENED:
                pass
            monkeypatch.setattr(topics._log, "after", read_while_more_comes)
            pubsub.connect()

            assert await ids(chunks, 8) == published
            assert pubsub._subscribers["events:news"]._reads_log is False

    async def test_followers_of_a_failed_topic_are_disconnected(
        self,
        topics: Topics,
        pubsub: Disconnected,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Rather than left to wait for what will not come."""

        async def fail(*_: object) -> None:
            raise TypeError("a fault in the program")

        async with aclosing(topics.follow("news")) as chunks:
            await anext(chunks)
            monkeypatch.setattr(topics._log, "after", fail)
            pubsub.connect()

            assert {chunk async for chunk in chunks} <= {HEARTBEAT}
        assert "topic_failed" in caplog.text

    async def test_a_failed_topic_recovers_while_a_follower_stays(
        self,
        topics: Topics,
        pubsub: Disconnected,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async def fail(*_: object) -> None:
            raise TypeError("a fault in the program")

        async with aclosing(topics.follow("news")) as staying:
            await anext(staying)
            with monkeypatch.context() as fault:
                fault.setattr(topics._log, "after", fail)
                pubsub.connect()
                await until(lambda: "topic_failed" in caplog.text)
            async with asyncio.timeout(TIMEOUT), aclosing(topics.follow("news")) as chunks:
                while await anext(chunks) != OPENED:
                    pass
                published = await publish(topics, 1)

                assert await ids(chunks, 1) == published


async def test_pending_events_are_sent_in_chunks() -> None:
    """Who is behind gets a copy: not of everything at once."""
    queue, event = SubscriberQueue(100), Event(EventId(1, 0), b"x" * 30_000)
    for _ in range(5):
        queue.put(event)
    queue.close()
    queue.put(event)

    assert [len(await queue.get(60)) for _ in range(3)] == [3, 2, 0]
    assert queue.is_done


async def test_a_topic_reads_an_unavailable_log_again(
    topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.realtime.subscribers.RETRY_SECONDS", 0)
    after, fails = topics._log.after, iter([True, True])

    async def fail_at_first(*arguments: Any) -> Any:
        if next(fails, False):
            raise RedisUnavailable
        return await after(*arguments)

    monkeypatch.setattr(topics._log, "after", fail_at_first)
    topic = Topic("news", topics._log)
    topic.connected()
    assert await topic.is_ready(TIMEOUT)
    topic.close()
