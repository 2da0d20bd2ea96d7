"""The queue, and the outbox for tasks that belong to a write."""

from typing import Annotated

from fastapi import Depends

from app.api.deps import SessionDep
from app.core.queue.queue import Queue
from app.lifespan import Connection
from app.services.outbox import Outbox


async def get_queue(connection: Connection) -> Queue:
    return connection.state["queue"]


QueueDep = Annotated[Queue, Depends(get_queue)]


async def get_outbox(session: SessionDep, queue: QueueDep) -> Outbox:
    return Outbox(session, queue)


OutboxDep = Annotated[Outbox, Depends(get_outbox)]
