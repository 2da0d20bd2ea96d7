"""The client for other services: one for the whole process, so that connections are kept."""

import asyncio
import random
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache

from httpx2 import (
    AsyncBaseTransport,
    AsyncClient,
    AsyncHTTPTransport,
    Limits,
    Request,
    Response,
    TransportError,
    create_ssl_context,
)

from app.core.config import CoreSettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PASSING_STATUSES = frozenset({429, 502, 503, 504})
FIRST_PAUSE = 0.1
"""Seconds before the second try at most; it doubles with each, and chance cuts it."""


class Retrying(AsyncBaseTransport):
    """Tries again what changes nothing, when the network or the other service was at fault."""

    def __init__(self, transport: AsyncBaseTransport, retries: int) -> None:
        self._transport = transport
        self._retries = retries

    async def handle_async_request(self, request: Request) -> Response:
        retries = self._retries if request.method in SAFE_METHODS else 0
        for retry in range(retries):
            try:
                response = await self._transport.handle_async_request(request)
            except TransportError:
                pass
            else:
                if response.status_code not in PASSING_STATUSES:
                    return response
                await response.aclose()
            # Clients that fail together must not come back together.
            await asyncio.sleep(random.random() * FIRST_PAUSE * 2**retry)  # noqa: S311
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates are believed. To read them takes longer than all else at a start."""
    return create_ssl_context()


@asynccontextmanager
async def open_http_client(settings: CoreSettings) -> AsyncGenerator[AsyncClient]:
    """The client of an application, from its start to its end."""
    connections = settings.http_max_connections
    limits = Limits(max_connections=connections, max_keepalive_connections=connections)
    connecting = AsyncHTTPTransport(verify=trust(), limits=limits)
    transport = Retrying(connecting, settings.http_retries)
    async with AsyncClient(transport=transport, timeout=settings.http_timeout_seconds) as client:
        yield client
