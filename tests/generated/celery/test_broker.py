"""Celery's connection for messages."""

from types import SimpleNamespace

import pytest

from app.queue.broker import Broker
from app.queue.models import TaskRecord
from app.settings import Settings


def test_its_connection_is_closed(settings: Settings) -> None:
    broker = Broker(settings)
    broker.ping()
    connection = broker._connection
    assert connection is not None
    assert connection.connected

    broker.close()

    assert not connection.connected


def test_arguments_of_another_version_are_sent(settings: Settings) -> None:
    """The worker records the error; here it would be an outage for the tasks behind it too."""
    broker = Broker(settings)
    record = TaskRecord(task_id="1", name="greet", args={"gone": 1}, attempts=0)

    broker.publish([record])

    broker.close()


def test_its_queues_are_those_of_the_routes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker(settings)
    assert broker.queues() == {"celery"}

    router = SimpleNamespace(route=lambda _, name: {"queue": SimpleNamespace(name=f"{name}-queue")})
    monkeypatch.setitem(vars(broker.app.amqp), "router", router)
    assert broker.queues() == {"celery", *(f"{name}-queue" for name in broker.tasks)}
