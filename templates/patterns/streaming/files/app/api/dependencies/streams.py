"""The limit on open streams."""

from collections.abc import AsyncGenerator

from app.core.addresses import network
from app.core.context import rate_limit_key
from app.lifespan import Connection


async def limit_streams(connection: Connection) -> AsyncGenerator[None]:
    """For `dependencies=[Depends(limit_streams)]`: counts the request until its response has ended.

    Raises:
        TooManyStreams, Unavailable: the client, or the process, has reached its limit.
    """
    address = connection.client.host if connection.client else ""
    with connection.state["stream_limiter"].limit(rate_limit_key.get() or network(address)):
        yield
