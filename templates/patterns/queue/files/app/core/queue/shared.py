"""Tasks in Redis: what one process accepts, any other may run."""

import asyncio
import json
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

from redis.exceptions import RedisError

from app.core.errors import Unavailable
from app.core.queue import scripts
from app.core.queue.record import DeadLetter, Outcome, Status, TaskRecord
from app.core.queue.settings import QueueSettings
from app.redis.batcher import Argument, Reply
from app.redis.client import RedisClient, RedisUnavailable, Script


class RedisStore:
    """A store on connections of its own: it waits longer for an answer than a read may."""

    def __init__(self, redis: RedisClient, settings: QueueSettings) -> None:
        self._redis = redis
        self._settings = settings
        self._base = f"{redis.prefix}:queue"
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"

    async def add(self, record: TaskRecord) -> TaskRecord:
        known = await self._run(
            scripts.ADD,
            record.task_id,
            record.queue,
            self._settings.queue_max_length,
            record.name,
            json.dumps(record.args),
            "" if record.owner_id is None else record.owner_id,
            int(record.created_at.timestamp() * 1000),
        )
        if known == b"full":
            raise Unavailable("The queue is full.")
        return _record(record.task_id, known) if known else record

    async def get(self, task_id: str) -> TaskRecord | None:
        known = await self._run(scripts.GET, task_id)
        return _record(task_id, known) if known else None

    async def take(self, queues: Sequence[str], limit: int) -> Sequence[TaskRecord]:
        taken = await self._run(
            scripts.TAKE,
            self._consumer,
            limit,
            int(self._settings.queue_lease_seconds * 1000),
            self._settings.queue_max_crashes,
            self._settings.queue_dead_ttl_seconds,
            *queues,
        )
        return [_record(task_id.decode(), fields) for task_id, fields in taken]

    async def wait(self, seconds: float) -> None:
        # It blocks on the server, for which a connection must not be cut before its time.
        with suppress(RedisError, TimeoutError, OSError):
            async with asyncio.timeout(seconds + self._settings.queue_timeout_seconds):
                await self._redis.client.blpop([f"{self._base}:bell"], seconds)

    async def extend(self, running: Sequence[TaskRecord]) -> Sequence[str]:
        pairs = [part for each in running for part in (each.task_id, each.number)]
        lost = await self._run(scripts.EXTEND, self._consumer, *pairs)
        return [task_id.decode() for task_id in lost]

    async def report(self, record: TaskRecord, progress: float) -> None:
        await self._run(scripts.REPORT, record.task_id, record.number, progress)

    async def end(self, record: TaskRecord, outcome: Outcome) -> bool:
        kept = self._settings.queue_result_ttl_seconds
        if outcome.what == "bury":
            kept = self._settings.queue_dead_ttl_seconds
        ours = await self._run(
            scripts.END,
            record.task_id,
            record.number,
            outcome.what,
            outcome.status,
            json.dumps(outcome.result),
            outcome.error or "",
            int(outcome.seconds * 1000),
            kept,
        )
        return bool(ours)

    async def dead(self, after: int, limit: int) -> Sequence[DeadLetter]:
        found = await self._run(scripts.DEAD, after, limit)
        return [
            DeadLetter(int(number), _record(task_id.decode(), fields))
            for number, task_id, fields in found
        ]

    async def replay(self, task_id: str) -> bool:
        return bool(await self._run(scripts.REPLAY, task_id))

    async def _run(self, script: Script, *arguments: Argument) -> Reply:
        try:
            return await self._redis.run(script, [self._base], arguments)
        except RedisUnavailable as error:
            raise Unavailable("The queue does not answer.") from error


def _record(task_id: str, fields: Sequence[bytes]) -> TaskRecord:
    known = {
        name.decode(): value.decode() for name, value in zip(fields[::2], fields[1::2], strict=True)
    }
    owner, finished_at = known["owner_id"], known.get("finished_at")
    return TaskRecord(
        task_id=task_id,
        name=known["name"],
        queue=known["queue"],
        args=json.loads(known["args"]),
        owner_id=int(owner) if owner else None,
        created_at=_moment(known["created_at"]),
        status=Status(known["status"]),
        progress=float(known.get("progress", 0)),
        result=json.loads(known.get("result", "null")),
        error=known.get("error") or None,
        attempts=int(known.get("attempts", 0)),
        failures=int(known.get("failures", 0)),
        crashes=int(known.get("crashes", 0)),
        finished_at=_moment(finished_at) if finished_at else None,
        number=int(known.get("number", 0)),
    )


def _moment(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(float(milliseconds) / 1000, UTC)
