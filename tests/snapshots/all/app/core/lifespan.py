"""What lives as long as the process: opened in this order, closed in reverse."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypedDict

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from httpx2 import AsyncClient
from starlette.requests import HTTPConnection

from app.core.cache.cache import Cache, open_cache
from app.core.counts import Counts, open_counts
from app.core.cursor import CursorCodec
from app.core.health import Probe, Readiness
from app.core.http_client import open_http_client
from app.core.queue.queue import Queue, open_queue
from app.core.redis.connection import SharedRedis, open_redis
from app.core.security.tools import SecurityTools, open_security
from app.core.shutdown import drain_before_exit
from app.core.storage import Storage, open_storage
from app.settings import Settings


class State(TypedDict):
    """What every request and socket finds in its `state`."""

    settings: Settings
    readiness: Readiness
    cursors: CursorCodec
    http: AsyncClient
    storage: Storage
    redis: SharedRedis | None
    counts: Counts
    security: SecurityTools
    cache: Cache
    queue: Queue


class Connection(HTTPConnection[State]):
    """A request or a socket with the type of its state, for the parameters of dependencies."""


Start = Callable[[State], AbstractAsyncContextManager[None]]
"""Something to do before the first request, or beside all of them."""


def lifespan(
    settings: Settings, *starts: Start
) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    """The lifespan of an application with these settings."""

    @asynccontextmanager
    async def open_state(_app: FastAPI) -> AsyncGenerator[State]:
        current_default_thread_limiter().total_tokens = settings.threads
        probes: dict[str, Probe] = {}
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(open_http_client(settings))
            storage = await stack.enter_async_context(open_storage(settings))
            probes.update(storage.probes)
            redis = await stack.enter_async_context(open_redis(settings))
            counts = await stack.enter_async_context(open_counts(settings, redis))
            security = await stack.enter_async_context(open_security(settings, counts))
            cache = await stack.enter_async_context(open_cache(settings, redis))
            queue = await stack.enter_async_context(open_queue(settings, redis))
            storage.listeners.append(cache.invalidate)
            readiness = Readiness(probes, timeout=settings.ready_timeout_seconds)
            state: State = {
                "settings": settings,
                "readiness": readiness,
                "cursors": CursorCodec(settings.secret_key.get_secret_value()),
                "http": http,
                "storage": storage,
                "redis": redis,
                "counts": counts,
                "security": security,
                "cache": cache,
                "queue": queue,
            }
            for start in starts:
                await stack.enter_async_context(start(state))
            stack.enter_context(drain_before_exit(readiness, settings.shutdown_drain_seconds))
            yield state

    return open_state
