"""Tasks in the memory of one process: gone with it, and there without any server."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from time import monotonic

from app.core.errors import Unavailable
from app.core.queue.record import DeadLetter, Outcome, Status, TaskRecord
from app.core.queue.settings import QueueSettings


class MemoryStore:
    """A store whose workers cannot die without it, and need no leases."""

    def __init__(self, settings: QueueSettings) -> None:
        self._settings = settings
        self._records: dict[str, TaskRecord] = {}
        self._waiting: dict[str, deque[str]] = defaultdict(deque)
        self._later: list[tuple[float, str]] = []
        self._ending: list[tuple[float, str]] = []
        self._dead: dict[str, int] = {}
        self._numbers = count(1)
        self._bell = asyncio.Event()

    async def add(self, record: TaskRecord) -> TaskRecord:
        self._forget_old()
        if (known := self._records.get(record.task_id)) is not None:
            return known
        if len(self._waiting[record.queue]) >= self._settings.queue_max_length:
            raise Unavailable("The queue is full.")
        self._send(record)
        return record

    async def get(self, task_id: str) -> TaskRecord | None:
        return self._records.get(task_id)

    async def take(self, queues: Sequence[str], limit: int) -> Sequence[TaskRecord]:
        self._bell.clear()
        while self._later and self._later[0][0] <= monotonic():
            self._send(self._records[heappop(self._later)[1]])
        taken: list[TaskRecord] = []
        for queue in queues:
            while self._waiting[queue] and len(taken) < limit:
                record = self._records[self._waiting[queue].popleft()]
                record = replace(
                    record,
                    status=Status.RUNNING,
                    attempts=record.attempts + 1,
                    number=record.number + 1,
                )
                self._records[record.task_id] = record
                taken.append(record)
        return taken

    async def wait(self, seconds: float) -> None:
        if self._later:
            seconds = min(seconds, max(0, self._later[0][0] - monotonic()))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()

    async def extend(self, running: Sequence[TaskRecord]) -> Sequence[str]:
        return [record.task_id for record in running if not self._is_ours(record)]

    async def report(self, record: TaskRecord, progress: float) -> None:
        if self._is_ours(record):
            known = self._records[record.task_id]
            self._records[record.task_id] = replace(known, progress=progress)

    async def end(self, record: TaskRecord, outcome: Outcome) -> bool:
        if not self._is_ours(record):
            return False
        known, now = self._records[record.task_id], datetime.now(UTC)
        match outcome.what:
            case "finish":
                self._records[record.task_id] = replace(
                    known,
                    status=outcome.status,
                    result=outcome.result,
                    error=outcome.error,
                    progress=1 if outcome.status is Status.SUCCEEDED else known.progress,
                    finished_at=now,
                )
                self._forget_after(self._settings.queue_result_ttl_seconds, record.task_id)
            case "retry":
                self._records[record.task_id] = replace(
                    known, status=Status.QUEUED, error=outcome.error, failures=known.failures + 1
                )
                heappush(self._later, (monotonic() + outcome.seconds, record.task_id))
                self._bell.set()
            case "bury":
                self._records[record.task_id] = replace(
                    known, status=Status.DEAD, error=outcome.error, finished_at=now
                )
                self._dead[record.task_id] = next(self._numbers)
                self._forget_after(self._settings.queue_dead_ttl_seconds, record.task_id)
            case "put back":
                self._send(replace(known, status=Status.QUEUED, attempts=known.attempts - 1))
        return True

    async def dead(self, after: int, limit: int) -> Sequence[DeadLetter]:
        self._forget_old()
        letters = [
            DeadLetter(number, self._records[task_id])
            for task_id, number in self._dead.items()
            if number > after
        ]
        return letters[:limit]

    async def replay(self, task_id: str) -> bool:
        if self._dead.pop(task_id, None) is None:
            return False
        known = self._records[task_id]
        self._send(
            replace(
                known,
                status=Status.QUEUED,
                progress=0,
                error=None,
                failures=0,
                crashes=0,
                finished_at=None,
            )
        )
        return True

    def _send(self, record: TaskRecord) -> None:
        self._records[record.task_id] = record
        self._waiting[record.queue].append(record.task_id)
        self._bell.set()

    def _is_ours(self, record: TaskRecord) -> bool:
        known = self._records.get(record.task_id)
        return (
            known is not None and known.number == record.number and known.status is Status.RUNNING
        )

    def _forget_after(self, seconds: float, task_id: str) -> None:
        heappush(self._ending, (monotonic() + seconds, task_id))

    def _forget_old(self) -> None:
        """Let go of what has ended long ago, unless it was replayed meanwhile."""
        while self._ending and self._ending[0][0] <= monotonic():
            task_id = heappop(self._ending)[1]
            known = self._records.get(task_id)
            if known is not None and known.finished_at is not None:
                del self._records[task_id]
                self._dead.pop(task_id, None)
