"""Celery's application with the tasks of the project, and the messages to its broker."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from kombu import Connection

from app import tasks as package
from app.queue.arguments import TaskType
from app.queue.models import TaskRecord
from app.queue.recorded_task import RECORD, RecordedTask
from app.settings import Settings


class Broker:
    """Its methods block, and are called in one thread."""

    def __init__(self, settings: Settings) -> None:
        self.app = package.tasks
        self.app.conf.update(configuration(settings))
        self.tasks = load_tasks()
        self.types = {
            name: TaskType.of(task.function, skip=int(task.is_bound))
            for name, task in self.tasks.items()
        }
        self._connection: Connection | None = None

    def queues(self) -> set[str]:
        """The names of the queues that the tasks are sent to."""
        default = self.app.conf.task_default_queue
        return {default, *map(self._queue_of, self.tasks.values())}

    def ping(self) -> None:
        """Wait for an answer of the broker; any error is an outage."""
        try:
            with self._connected().channel():
                pass
        except Exception:
            self.close()
            raise

    def publish(self, records: Sequence[TaskRecord]) -> None:
        """Send a message for each task, confirmed by the broker; any error is an outage."""
        try:
            producer = self.app.amqp.Producer(self._connected())
            for record in records:
                self.tasks[record.name].apply_async(
                    kwargs=record.args, producer=producer, **options(record)
                )
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.collect()

    def _queue_of(self, task: RecordedTask) -> str:
        if name := getattr(task, "queue", None):  # deprecated by Celery, and still respected
            return str(name)
        return str(self.app.amqp.router.route({}, task.name)["queue"].name)

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self.app.connection_for_write()
            self._connection.ensure_connection(max_retries=1, timeout=1)
        return self._connection


def load_tasks() -> dict[str, RecordedTask]:
    """All tasks of the project: every module of `app/tasks` is imported."""
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    package.tasks.finalize()
    return {
        name: task
        for name, task in package.tasks.tasks.items()
        if isinstance(task, RecordedTask) and not name.startswith("celery.")
    }


def options(record: TaskRecord) -> dict[str, Any]:
    """The options of Celery's `apply_async` and `apply` for the next attempt."""
    return {
        "task_id": record.task_id,
        "retries": record.attempts,
        "headers": {RECORD: record.reference},
    }


def configuration(settings: Settings) -> dict[str, Any]:
    """The configuration of Celery: nothing is lost, whatever ends."""
    url = settings.task_broker_url
    address = "memory://" if url is None else url.get_secret_value()
    is_rabbitmq, seconds = address.startswith("amqp"), settings.task_broker_timeout_seconds
    rabbitmq = {"confirm_publish": True, "confirm_timeout": seconds, "max_retries": 1}
    redis = {
        "socket_connect_timeout": seconds,
        "socket_keepalive": True,
        # A message that no worker has confirmed by then is delivered again; the record of its task
        # says whether it runs.
        "visibility_timeout": max(60, 2 * settings.queue_lease_seconds),
    }
    return {
        "broker_url": address,
        "broker_connection_timeout": seconds,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": rabbitmq if is_rabbitmq else redis,
        "task_default_queue_type": "quorum" if is_rabbitmq else "classic",
        "task_default_exchange_type": "topic",
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "task_publish_retry": False,
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
    }
