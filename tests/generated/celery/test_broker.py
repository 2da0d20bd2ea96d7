"""Celery's connection for messages."""

from app.queue.broker import Broker
from app.settings import Settings


def test_its_connection_is_closed(settings: Settings) -> None:
    broker = Broker(settings)
    broker.ping()
    connection = broker._connection
    assert connection is not None
    assert connection.connected

    broker.close()

    assert not connection.connected


def test_its_queues_are_those_of_the_routes(settings: Settings) -> None:
    broker = Broker(settings)
    assert broker.queues() == {"celery"}

    broker.app.conf.task_routes = {"export_items": {"queue": "high"}}
    try:
        assert broker.queues() == {"celery", "high"}
    finally:
        broker.app.conf.task_routes = None
        del broker.app.amqp
