"""Events are kept in order, for a while, and nobody is told that none is missing when one is."""

import pytest

from app.realtime.event_log import (
    START,
    Event,
    EventId,
    EventLog,
    MemoryLog,
    RedisLog,
    channel_of,
    reset,
)
from app.realtime.pubsub import PubSub
from app.realtime.stream_settings import StreamSettings
from app.redis.client import RedisClient
from tests.insides.realtime.followers import Recorder
from tests.waiting import until


@pytest.fixture
def stream_settings() -> StreamSettings:
    return StreamSettings(event_retention_count=100)


async def test_ids_grow(log: EventLog) -> None:
    ids = [await log.append("a", b"data: 1\n\n") for _ in range(50)]

    assert ids == sorted(set(ids))


async def test_events_after_an_event(log: EventLog) -> None:
    ids = [await log.append("a", b"data: %d\n\n" % number) for number in range(5)]

    page = await log.after("a", ids[1], 2)

    assert page.events == [Event.of(ids[2], b"data: 2\n\n"), Event.of(ids[3], b"data: 3\n\n")]
    assert (page.has_expired, page.newest) == (False, ids[4])
    assert [event.id for event in (await log.after("a", START, 9)).events] == ids
    assert (await log.after("b", START, 9)).newest == START


async def test_an_event_that_is_not_kept_is_gone(log: EventLog) -> None:
    first = await log.append("a", b"data: 1\n\n")
    for _ in range(400):
        last = await log.append("a", b"data: 2\n\n")

    page = await log.after("a", first, 9)

    assert (page.has_expired, page.newest, list(page.events)) == (True, last, [])
    kept = await log.after("a", START, 1000)
    assert 100 <= len(kept.events) <= 250


async def test_memory_is_bounded_over_all_topics() -> None:
    log = MemoryLog(StreamSettings(event_retention_count=100), PubSub())
    for number in range(200):
        await log.append(f"topic-{number}", b"data: 1\n\n")

    assert len(log._events) == 100
    assert (await log.after("topic-99", START, 1)).newest == START
    assert (await log.after("topic-100", START, 1)).newest != START


async def test_it_passes_on_what_it_keeps(shared: PubSub, redis: RedisClient) -> None:
    recorder = Recorder()
    recorder.subscribe(shared, channel_of("a"))
    await until(lambda: recorder.connections == 1)
    log = RedisLog(StreamSettings(), shared, redis)

    event_id = await log.append("a", b"event: x\ndata: 1\n\n")

    await until(lambda: len(recorder.messages) == 1)
    assert Event.from_frame(recorder.messages[0]) == Event.of(event_id, b"event: x\ndata: 1\n\n")


@pytest.mark.parametrize("text", ["", "1", "1-", "-1-1", "a-b", "1-1-1", "9" * 30 + "-1", "²-1"])
def test_invalid_event_ids(text: str) -> None:
    assert EventId.parse(text) is None
    assert EventId.parse("12-3") == EventId(12, 3)


def test_a_reset_says_where_it_goes_on() -> None:
    assert reset(EventId(12, 3)).frame == b"event: reset\nid: 12-3\ndata: {}\n\n"
    assert reset(START).frame == b"event: reset\ndata: {}\n\n"
