"""Follows tasks: each change is announced, and followers read the new state."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager, suppress

from app.core.errors import NotFound, Unavailable
from app.queue.models import TaskRecord
from app.queue.queue import Queue
from app.queue.schemas import TaskRead
from app.realtime.pubsub import PubSub
from app.realtime.streams import HEARTBEAT, HEARTBEAT_SECONDS, closing_frame
from app.realtime.subscribers import is_set_within
from app.redis.client import RedisUnavailable

PAUSE_SECONDS = 0.1
"""Between two reads of a task, which may report its progress with every row."""


class Followers:
    """The streams of this process that follow one task, an event each."""

    def __init__(self) -> None:
        self.bells: set[asyncio.Event] = set()

    def connected(self) -> None:
        self.receive(b"")

    def receive(self, _message: bytes) -> None:
        for bell in self.bells:
            bell.set()

    def shut_down(self) -> None:
        self.receive(b"")

    def close(self) -> None:
        """Nothing is left to be closed."""


class TaskChanges:
    """Wakes followers when a task has changed. They also read it at each heartbeat, since a message
    can be lost.
    """

    def __init__(self, queue: Queue, pubsub: PubSub) -> None:
        self._queue = queue
        self._pubsub = pubsub
        queue.on_change.append(self.wake)

    async def wake(self, task_id: str) -> None:
        """Wake the followers of a task, in every process."""
        with suppress(RedisUnavailable):
            await self._pubsub.publish(_channel(task_id), b"")

    async def follow(self, task: TaskRecord) -> AsyncGenerator[bytes]:
        """Events with the current state of a task, and with each change, until it has finished.

        The stream ends early when the service shuts down.
        """
        shown = _frame(task)
        with self._bell(task.task_id) as bell:
            yield shown
            while task.finished_at is None and not self._pubsub.is_closing:
                await asyncio.sleep(PAUSE_SECONDS)
                if not await is_set_within(bell, HEARTBEAT_SECONDS):
                    yield HEARTBEAT
                bell.clear()
                known = shown
                try:
                    task = await self._queue.get(task.task_id)
                except NotFound:  # it was deleted
                    return
                except Unavailable:  # the next read may succeed
                    continue
                if (shown := _frame(task)) != known:
                    yield shown
        if task.finished_at is None:
            yield closing_frame()

    @contextmanager
    def _bell(self, task_id: str) -> Generator[asyncio.Event]:
        bell = asyncio.Event()
        bell.set()  # until now nobody listened
        with self._pubsub.subscription(_channel(task_id), Followers) as followers:
            followers.bells.add(bell)
            try:
                yield bell
            finally:
                followers.bells.remove(bell)


def _channel(task_id: str) -> str:
    return f"tasks:{task_id}"


def _frame(task: TaskRecord) -> bytes:
    shown = TaskRead.model_validate(task)
    return b"event: task\ndata: %s\n\n" % shown.model_dump_json().encode()
