"""The engine as the queue sees it: tasks go through the outbox to the broker."""

import asyncio
from asyncio import Task
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from app.core.errors import Unavailable
from app.core.logging import get_logger
from app.db.database import Database
from app.db.session import Session
from app.queue.broker import Broker
from app.queue.models import TaskRecord
from app.queue.outbox import Outbox
from app.settings import Settings

logger = get_logger(__name__)


class Engine:
    """Without a broker, the outbox gives tasks to the process of the service."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.broker = Broker(settings)
        self.types = self.broker.types
        self.outbox = Outbox(database, settings, self.types)
        self.has_broker = settings.task_broker_url is not None
        self.in_process = not self.has_broker or bool(settings.queue_in_process)
        """Whether the service runs tasks itself."""
        self._timeout = settings.task_broker_timeout_seconds
        # The client of a broker blocks, and belongs to one thread.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="broker")
        self._question: Task[None] | None = None

    async def send(self, session: Session, record: TaskRecord) -> None:
        """Put a task into the outbox, with the commit of the session.

        Raises:
            Unavailable: the broker does not answer.
        """
        if self.has_broker:
            await self.check()
        self.outbox.add(session, record)

    async def check(self) -> None:
        """Ask the broker whether it answers; simultaneous callers share one question.

        Raises:
            Unavailable: it does not.
        """
        if self._question is None or self._question.done():
            self._question = asyncio.create_task(self._ask())
        await asyncio.shield(self._question)

    async def publish(self, records: Sequence[TaskRecord]) -> None:
        """Send tasks to workers; the broker has confirmed them.

        Raises:
            Unavailable: it has not confirmed all of them.
        """
        await self._call(lambda: self.broker.publish(records))

    def close(self) -> None:
        """Close the connection to the broker, without waiting for it."""
        self._thread.submit(self.broker.close)
        self._thread.shutdown(wait=False)

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._call(self.broker.ping)
        except TimeoutError:
            raise Unavailable("The queue does not answer.") from None

    async def _call(self, function: Callable[[], None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, function)
        except Exception as error:  # the clients of brokers have errors of their own
            logger.warning("broker_unavailable", error=repr(error))
            raise Unavailable("The queue does not answer.") from error


@asynccontextmanager
async def open_engine(settings: Settings, database: Database) -> AsyncGenerator[Engine]:
    """The engine of an application, from its start to its end."""
    engine = Engine(settings, database)
    if not engine.has_broker:
        yield engine
        return
    relaying = asyncio.create_task(engine.outbox.relay(engine.publish))
    try:
        yield engine
    finally:
        relaying.cancel()
        await asyncio.wait({relaying})
        engine.close()
