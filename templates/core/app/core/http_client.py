"""The HTTP client for other services: one for the whole process, so that it keeps connections."""

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

TIMEOUT_SECONDS = 5
"""Of each step of a call: to connect, to send, to wait for the next part of the response."""
MAX_CONNECTIONS = 100
RETRIES = 2
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
RETRIED_STATUSES = frozenset({429, 502, 503, 504})
FIRST_PAUSE = 0.1
"""Seconds at most; it doubles with each retry. It is random, so that clients separate."""


class RetryTransport(AsyncBaseTransport):
    """Retries safe methods after network errors and temporary errors of the other service."""

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
                if response.status_code not in RETRIED_STATUSES:
                    return response
                await response.aclose()
            await asyncio.sleep(random.random() * FIRST_PAUSE * 2**retry)  # noqa: S311
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


@cache
def ssl_context() -> ssl.SSLContext:
    """The trusted certificates. Reading them takes most of the time of a start."""
    return create_ssl_context()


@asynccontextmanager
async def open_http_client() -> AsyncGenerator[AsyncClient]:
    """The client of an application, closed at the end of its lifespan."""
    limits = Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
    transport = RetryTransport(AsyncHTTPTransport(verify=ssl_context(), limits=limits), RETRIES)
    async with AsyncClient(transport=transport, timeout=TIMEOUT_SECONDS) as client:
        yield client
