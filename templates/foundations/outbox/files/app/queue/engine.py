"""The engine as the queue sees it: tasks go through the outbox to the broker."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.db.database import Database
from app.db.session import Session
from app.queue.broker import Broker
from app.queue.models import TaskRecord
from app.queue.outbox import Outbox
from app.queue.publisher import Publisher, open_publisher
from app.settings import Settings


class Engine:
    """Without a broker, the outbox gives tasks to the process of the service."""

    def __init__(
        self, settings: Settings, broker: Broker, outbox: Outbox, publisher: Publisher | None
    ) -> None:
        self.broker = broker
        self.outbox = outbox
        self.types = broker.types
        self.has_broker = publisher is not None
        self.in_process = publisher is None or bool(settings.queue_in_process)
        """Whether the service runs tasks itself."""
        self._publisher = publisher

    async def send(self, session: Session, record: TaskRecord) -> None:
        """Put a task into the outbox, with the commit of the session.

        Raises:
            Unavailable: the broker does not answer.
        """
        if self._publisher is not None:
            await self._publisher.check()
        self.outbox.add(session, record)


@asynccontextmanager
async def open_engine(settings: Settings, database: Database) -> AsyncGenerator[Engine]:
    """The engine of an application, from its start to its end."""
    broker = Broker(settings)
    outbox = Outbox(database, settings, broker.types)
    if settings.task_broker_url is None:
        yield Engine(settings, broker, outbox, None)
        return
    async with open_publisher(broker, settings.task_broker_timeout_seconds) as publisher:
        relaying = asyncio.create_task(outbox.relay(publisher.publish))
        try:
            yield Engine(settings, broker, outbox, publisher)
        finally:
            relaying.cancel()
            await asyncio.wait({relaying})
