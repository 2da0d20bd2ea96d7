"""Servers that are no Redis, and connections that were cut."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing, suppress
from socket import socket

from app.redis.client import RedisClient, open_redis
from app.redis.settings import RedisSettings


@asynccontextmanager
async def hung(**settings: object) -> AsyncGenerator[tuple[RedisClient, list[bytes]]]:
    """Connections to a server that listens and never answers, and what it has heard."""
    heard: list[bytes] = []

    async def listen(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                heard.append(data)
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with _connections(url, **settings) as redis:
        yield redis, heard
    server.close()


@asynccontextmanager
async def down(**settings: object) -> AsyncGenerator[RedisClient]:
    """Connections to where nobody listens."""
    with closing(socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        async with _connections(f"redis://127.0.0.1:{taken.getsockname()[1]}", **settings) as redis:
            yield redis


def cut(redis: RedisClient) -> None:
    """End the connections that are idle, as a server does that is started again."""
    for connection in redis.client.connection_pool._available_connections:
        assert connection._writer is not None
        connection._writer.transport.abort()


@asynccontextmanager
async def _connections(url: str, **settings: object) -> AsyncGenerator[RedisClient]:
    async with open_redis(RedisSettings.model_validate({"redis_url": url, **settings})) as redis:
        assert redis is not None
        yield redis
