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
