"""Enqueues tasks on a schedule. Every worker does; the key of a tick makes it one task."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from app.core.logging import get_logger
from app.lifespan import State
from app.queue.options import AnyActor, next_tick, option

logger = get_logger(__name__)

PAUSE = 1.0
"""Seconds between attempts to enqueue a task while the broker or the database does not answer."""


async def keep_schedules(state: State) -> None:
    """Enqueue the tasks that have a schedule, at each tick, until this is cancelled."""
    actors = state["queue"].engine.broker.actors.values()
    periodic = [actor for actor in actors if option(actor, "periodic") is not None]
    await asyncio.gather(*(_keep(state, actor) for actor in periodic))


async def _keep(state: State, actor: AnyActor) -> None:
    while True:
        tick = next_tick(actor, datetime.now(UTC))
        await asyncio.sleep((tick - datetime.now(UTC)).total_seconds())
        with suppress(TimeoutError):  # the next tick has come
            async with asyncio.timeout((next_tick(actor, tick) - tick).total_seconds()):
                await _enqueue(state, actor.actor_name, f"schedule/{actor.actor_name}/{tick}")


async def _enqueue(state: State, name: str, key: str) -> None:
    while True:
        try:
            async with state["database"].session() as session:
                await state["queue"].enqueue(session, name, key=key)
        except Exception as error:  # noqa: BLE001  # the next attempt may succeed
            logger.warning("tick_not_enqueued", task=name, error=repr(error))
            await asyncio.sleep(PAUSE)
        else:
            return
