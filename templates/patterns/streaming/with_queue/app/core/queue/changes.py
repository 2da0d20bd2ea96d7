"""Following a task: whoever changes it says so, and who follows looks what it is now."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress

from app.core.errors import NotFound, Unavailable
from app.core.events.settings import EventSettings
from app.core.events.topics import HEARTBEAT, goodbye
from app.core.fanout.channels import Fanout
from app.core.queue.queue import Queue
from app.core.queue.record import TaskRecord
from app.redis.client import RedisUnavailable
from app.schemas.task import TaskRead

PAUSE_SECONDS = 0.1
"""Between two looks at a task: it may report with every row."""


class Followers:
    """Those of this process who follow one task, a bell each."""

    def __init__(self) -> None:
        self.bells: set[asyncio.Event] = set()

    def connected(self) -> None:
        self.ring()

    def receive(self, _message: bytes) -> None:
        self.ring()

    def ring(self) -> None:
        for bell in self.bells:
            bell.set()


class TaskChanges:
    """All that goes around is that there is something new: a message that is late, or comes twice,
    makes nothing wrong, and for one that is lost there is a look at each heartbeat.
    """

    def __init__(self, settings: EventSettings, queue: Queue, fanout: Fanout) -> None:
        self._heartbeat = settings.event_heartbeat_seconds
        self._queue = queue
        self._fanout = fanout
        self._followed: dict[str, Followers] = {}
        self._is_closing = False

    async def tell(self, task_id: str) -> None:
        """Let all look who follow the task, in every process."""
        with suppress(RedisUnavailable):
            await self._fanout.publish(_channel(task_id), b"")

    async def follow(self, task: TaskRecord) -> AsyncGenerator[bytes]:
        """An event with the state of the task now, and with each further one, up to its end.

        It ends before that when the service does.
        """
        yield _frame(task)
        with self._bell(task.task_id) as bell:
            while task.finished_at is None and not self._is_closing:
                await asyncio.sleep(PAUSE_SECONDS)
                if not await _rings(bell, self._heartbeat):
                    yield HEARTBEAT
                bell.clear()
                known = task
                try:
                    task = await self._queue.get(task.task_id)
                except NotFound:  # it has ended too long ago
                    return
                except Unavailable:  # it may be seen the next time
                    continue
                if task != known:
                    yield _frame(task)
        if task.finished_at is None:
            yield goodbye()

    def close(self) -> None:
        """End all streams; their clients may come back elsewhere."""
        self._is_closing = True
        for followers in self._followed.values():
            followers.ring()

    @contextmanager
    def _bell(self, task_id: str) -> Generator[asyncio.Event]:
        channel = _channel(task_id)
        if (followers := self._followed.get(task_id)) is None:
            followers = self._followed[task_id] = Followers()
            self._fanout.join(channel, followers)
        bell = asyncio.Event()
        bell.set()  # until now nobody listened
        followers.bells.add(bell)
        try:
            yield bell
        finally:
            followers.bells.remove(bell)
            if not followers.bells:
                del self._followed[task_id]
                self._fanout.leave(channel)


async def _rings(bell: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await bell.wait()
    except TimeoutError:
        return False


def _channel(task_id: str) -> str:
    return f"tasks:{task_id}"


def _frame(task: TaskRecord) -> bytes:
    shown = TaskRead.model_validate(task)
    return b"event: task\ndata: %s\n\n" % shown.model_dump_json().encode()


@asynccontextmanager
async def open_changes(
    settings: EventSettings, queue: Queue, fanout: Fanout
) -> AsyncGenerator[TaskChanges]:
    """Who follows tasks of an application, from its start to its end."""
    changes = TaskChanges(settings, queue, fanout)
    queue.listeners.append(changes.tell)
    yield changes
    changes.close()
