"""The engine: nothing waits for a broker that is down for longer than the limit."""

import asyncio
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from app.core.errors import Unavailable
from app.db.database import Database
from app.queue.engine import Engine
from app.settings import Settings
from tests.waiting import TIMEOUT


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
def engine(broker: Any, settings: Settings, database: Database) -> Iterator[Engine]:
    settings = settings.model_copy(update={"task_broker_timeout_seconds": TIMEOUT})
    engine = Engine(settings, database)
    engine.broker = broker
    yield engine
    engine.close()


async def test_simultaneous_checks_are_one_question(broker: Broker, engine: Engine) -> None:
    await asyncio.gather(*(engine.check() for _ in range(10)))

    assert broker.pings == 1


async def test_a_broker_that_hangs(
    broker: Broker, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that wait are refused at once; it is asked again when it may have come back."""
    broker.answers.clear()
    checks = [engine.check() for _ in range(3)]
    with monkeypatch.context() as impatient:
        impatient.setattr(engine, "_timeout", 0.1)
        failures = await asyncio.gather(*checks, return_exceptions=True)
    assert all(isinstance(failure, Unavailable) for failure in failures)
    assert broker.pings == 1

    broker.answers.set()
    await engine.check()
    assert broker.pings == 2


async def test_a_broker_that_is_down(broker: Broker, engine: Engine) -> None:
    broker.error = OSError("refused")

    with pytest.raises(Unavailable):
        await engine.publish([])


@pytest.mark.parametrize("url", ["http://host", "amqp://", "redis:///1", "amqp://host:port/"])
def test_urls_of_no_broker(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TASK_BROKER_URL", url)

    with pytest.raises(ValueError, match="it must look like amqp://"):
        Settings()
