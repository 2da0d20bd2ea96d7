"""The publisher: nothing waits for a broker that is down for longer than the limit."""

import asyncio
from collections.abc import AsyncGenerator
from threading import Event
from typing import Any

import pytest

from app.core.errors import Unavailable
from app.queue.publisher import Publisher, open_publisher
from app.settings import Settings


class Broker:
    """A broker that hangs, fails, or answers."""

    def __init__(self) -> None:
        self.pings = 0
        self.answers = Event()
        self.answers.set()
        self.error: Exception | None = None

    def ping(self) -> None:
        self.pings += 1
        self.answers.wait(10)
        if self.error is not None:
            raise self.error

    def publish(self, _messages: object) -> None:
        self.ping()

    def close(self) -> None:
        pass


@pytest.fixture
def broker() -> Any:
    return Broker()


@pytest.fixture
async def publisher(broker: Any) -> AsyncGenerator[Publisher]:
    async with open_publisher(broker, 0.1) as publisher:
        yield publisher


async def test_simultaneous_checks_are_one_question(broker: Broker, publisher: Publisher) -> None:
    await asyncio.gather(*(publisher.check() for _ in range(10)))

    assert broker.pings == 1


async def test_a_broker_that_hangs(broker: Broker, publisher: Publisher) -> None:
    """All that wait are refused at once, and those after them without a question."""
    broker.answers.clear()
    checks = [publisher.check() for _ in range(3)]
    failures = await asyncio.gather(*checks, return_exceptions=True)
    broker.answers.set()
    with pytest.raises(Unavailable):
        await publisher.check()

    assert all(isinstance(failure, Unavailable) for failure in failures)
    assert broker.pings == 1


async def test_a_broker_that_is_down(broker: Broker, publisher: Publisher) -> None:
    broker.error = OSError("refused")

    with pytest.raises(Unavailable):
        await publisher.publish([])


@pytest.mark.parametrize("url", ["http://host", "amqp://", "redis:///1", "amqp://host:port/"])
def test_urls_of_no_broker(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TASK_BROKER_URL", url)

    with pytest.raises(ValueError, match="it must look like amqp://"):
        Settings()
