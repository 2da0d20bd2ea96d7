"""A slot for what may stay open for long."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Header

from app.core.addresses import network
from app.core.context import rate_limit_key
from app.core.events.topics import Topics
from app.lifespan import Connection


async def take_slot(connection: Connection) -> AsyncGenerator[None]:
    """For `dependencies=[Depends(take_slot)]`: held until the answer is out, or its client gone.

    Raises:
        TooManyStreams, Unavailable: there is none left.
    """
    address = connection.client.host if connection.client else ""
    with connection.state["slots"].take(rate_limit_key.get() or network(address)):
        yield


async def get_topics(connection: Connection) -> Topics:
    return connection.state["topics"]


TopicsDep = Annotated[Topics, Depends(get_topics)]
LastEventId = Annotated[
    str | None, Header(max_length=64, description="The last event that the client has.")
]
