"""dramatiq on Redis or RabbitMQ: the tasks of the project, and the messages for its workers."""

import inspect
from collections.abc import Callable, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Callbacks, CurrentMessage, Pipelines, Retries
from pika.exceptions import AMQPError  # type: ignore[import-untyped]
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app import tasks as package
from app.queue.arguments import TaskType
from app.queue.models import TaskRecord
from app.queue.options import AnyActor, Options, check_schedule, declarations
from app.settings import Settings

RECORD = "record"
"""The option of a message that refers to the record of its task."""
HEARTBEAT = 10
"""Seconds between the heartbeats of a connection to RabbitMQ."""
MAINTENANCE_CHANCE = 100_000
"""Commands out of a million that look for messages of dead workers in Redis. The default of
dramatiq is for busy queues: on an idle one, it would take minutes."""


class Broker:
    """Sends messages. Its methods block."""

    def __init__(self, settings: Settings) -> None:
        for module in iter_modules(package.__path__):
            import_module(f"{package.__name__}.{module.name}")
        self.dramatiq = connect(settings)
        self.actors = dict(declarations.actors)
        self.types = {name: TaskType.of(function_of(each)) for name, each in self.actors.items()}
        for actor in self.actors.values():
            actor.broker = self.dramatiq
            self.dramatiq.declare_actor(actor)
            check_schedule(actor)

    def ping(self) -> None:
        """Raise an error if the broker does not answer."""
        if isinstance(self.dramatiq, RedisBroker):
            self.dramatiq.client.ping()
        elif isinstance(self.dramatiq, RabbitmqBroker):
            try:
                _ask(self.dramatiq)
            except AMQPError:  # an idle connection was closed
                del self.dramatiq.connection
                _ask(self.dramatiq)

    def publish(self, records: Sequence[TaskRecord]) -> None:
        """Send a message for each task; the broker has confirmed them."""
        for record in records:
            actor = self.actors[record.name]
            options: dict[str, Any] = {RECORD: record.reference}
            self.dramatiq.enqueue(actor.message_with_options(kwargs=record.args, **options))

    def close(self) -> None:
        self.dramatiq.close()


def connect(settings: Settings) -> dramatiq.Broker:
    """The broker of dramatiq for these settings; it connects when it is used."""
    middleware = [AgeLimit(), Callbacks(), Pipelines(), CurrentMessage(), Retries(), Options()]
    if settings.task_broker_url is None:
        return StubBroker(middleware=middleware)
    url = settings.task_broker_url.get_secret_value()
    timeout = settings.task_broker_timeout_seconds
    if url.startswith("amqp"):
        return RabbitmqBroker(
            url=with_timeouts(url, timeout), confirm_delivery=True, middleware=middleware
        )
    client = Redis.from_url(
        url,
        socket_connect_timeout=timeout,
        socket_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisBroker(  # type: ignore[no-untyped-call]
        client=client,
        middleware=middleware,
        heartbeat_timeout=round(settings.queue_lease_seconds * 1000),
        maintenance_chance=MAINTENANCE_CHANCE,
    )


def with_timeouts(url: str, seconds: float) -> str:
    """A URL with parameters of pika, besides those that it has."""
    names = ("socket_timeout", "stack_timeout", "blocked_connection_timeout")
    parts = urlsplit(url)
    query: dict[str, object] = {"heartbeat": HEARTBEAT, **dict.fromkeys(names, seconds)}
    query |= dict(parse_qsl(parts.query))
    return parts._replace(query=urlencode(query)).geturl()


def function_of(actor: AnyActor) -> Callable[..., Any]:
    """The function that was decorated: dramatiq wraps those that are `async`."""
    inner = getattr(actor.fn, "__wrapped__", None)
    return inner if inner is not None and inspect.iscoroutinefunction(inner) else actor.fn


def _ask(broker: RabbitmqBroker) -> None:
    broker.channel.exchange_declare("amq.direct", passive=True)
