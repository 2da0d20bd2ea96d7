"""Runs tasks from the broker, or without one those of the outbox in this process."""

import asyncio
from asyncio import Event, Semaphore, Task
from collections.abc import Sequence

from app.core.logging import get_logger
from app.lifespan import State
from app.queue.consumer import Consumer
from app.queue.models import TaskRecord
from app.queue.outbox import Outbox
from app.queue.schedules import keep_schedules

logger = get_logger(__name__)

CLEAN_EVERY = 3600.0
"""Seconds."""
RENEWALS = 3
"""In the time of a lease."""


async def run_engine(
    state: State, stopping: Event, *, grace: float, queues: Sequence[str] = ()
) -> None:
    """Run tasks until `stopping` is set. Tasks that run then are put back after `grace` seconds."""
    engine, consumer = state["queue"].engine, Consumer(state)
    if not engine.has_broker:
        await engine.outbox.adopt(everything=True)
    keeping = {
        asyncio.create_task(_keep(state, consumer, engine.outbox)),
        asyncio.create_task(keep_schedules(state)),
    }
    try:
        if engine.has_broker:
            await consumer.consume(stopping, grace=grace, queues=queues)
        else:
            await _run_here(state, consumer, stopping, grace)
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.wait(keeping)


async def _run_here(state: State, consumer: Consumer, stopping: Event, grace: float) -> None:
    free = Semaphore(state["settings"].queue_concurrency)
    running: set[Task[None]] = set()

    def end(task: Task[None]) -> None:
        running.discard(task)
        free.release()

    async def run(records: Sequence[TaskRecord]) -> None:
        for record in records:
            await free.acquire()
            running.add(task := asyncio.create_task(consumer.run_record(record)))
            task.add_done_callback(end)

    relaying = asyncio.create_task(state["queue"].engine.outbox.relay(run))
    await stopping.wait()
    relaying.cancel()
    await asyncio.wait({relaying})
    if running and (await asyncio.wait(running, timeout=grace))[1]:
        consumer.cancel()
        await asyncio.wait(running)


async def _keep(state: State, consumer: Consumer, outbox: Outbox) -> None:
    """Renew the leases of this worker, and look for those of others that have expired.

    After an outage of the database, the others get the time of a lease to renew theirs first.
    """
    clock = asyncio.get_running_loop().time
    cleaned, renewals = -CLEAN_EVERY, RENEWALS
    while True:
        before, renewals = renewals, 0
        try:
            await state["database"].probe()
            await outbox.renew(consumer.running)
            renewals = before + 1
            if renewals > RENEWALS:
                for task_id in await outbox.sweep():
                    await state["queue"].announce(task_id)
            if clock() - cleaned > CLEAN_EVERY:
                await outbox.adopt()
                await consumer.delete_old()
                cleaned = clock()
        except Exception as error:  # noqa: BLE001  # the next time may succeed
            logger.warning("sweep_failed", error=repr(error))
        await asyncio.sleep(outbox.lease / RENEWALS)
