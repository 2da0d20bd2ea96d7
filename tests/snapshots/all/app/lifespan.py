"""Application lifespan: resources are opened in this order, and closed in reverse."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI
from httpx2 import AsyncClient
from starlette.requests import HTTPConnection

from app.auth.context import AuthContext, open_auth
from app.cache.cache import Cache, open_cache
from app.core.health import Probe, Readiness
from app.core.http_client import open_http_client
from app.core.pagination import CursorCodec
from app.core.shutdown import ShutdownHook, drain_before_exit
from app.db.changes import report_changes
from app.db.database import Database, open_database
from app.files.store import FileStore, open_files
from app.queue.changes import TaskChanges, open_changes
from app.queue.queue import Queue, open_queue
from app.realtime.pubsub import PubSub, open_pubsub
from app.realtime.rooms import Rooms, open_rooms
from app.realtime.streams import StreamLimiter, open_stream_limiter
from app.realtime.tickets import Tickets, open_tickets
from app.realtime.topics import Topics, open_topics
from app.redis.client import RedisClient, open_redis
from app.redis.rate_limit_storage import RateLimitStorage, open_rate_limits
from app.settings import Settings


class State(TypedDict):
    """The `state` of every request and WebSocket."""

    settings: Settings
    readiness: Readiness
    cursors: CursorCodec
    http: AsyncClient
    database: Database
    redis: RedisClient | None
    rate_limits: RateLimitStorage
    auth: AuthContext
    cache: Cache
    queue: Queue
    pubsub: PubSub
    stream_limiter: StreamLimiter
    topics: Topics
    files: FileStore
    task_changes: TaskChanges
    rooms: Rooms
    tickets: Tickets


class Connection(HTTPConnection[State]):
    """A request or a WebSocket with a typed state, for parameters of dependencies."""


Start = Callable[[State], AbstractAsyncContextManager[None]]
"""Something to do before the first request, or beside all of them."""


def lifespan(
    settings: Settings, *starts: Start
) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    """The lifespan of an application with these settings."""

    @asynccontextmanager
    async def open_state(_app: FastAPI) -> AsyncGenerator[State]:
        probes: dict[str, Probe] = {}
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(open_http_client())
            database = await stack.enter_async_context(open_database(settings))
            redis = await stack.enter_async_context(open_redis(settings))
            rate_limits = await stack.enter_async_context(open_rate_limits(settings, redis))
            auth = await stack.enter_async_context(open_auth(settings, rate_limits, http))
            cache = await stack.enter_async_context(open_cache(settings, redis))
            queue = await stack.enter_async_context(open_queue(settings, database))
            pubsub = await stack.enter_async_context(open_pubsub(settings, redis))
            stream_limiter = await stack.enter_async_context(open_stream_limiter(settings))
            topics = await stack.enter_async_context(open_topics(settings, redis, pubsub))
            files = await stack.enter_async_context(open_files(settings))
            task_changes = await stack.enter_async_context(open_changes(settings, queue, pubsub))
            rooms = await stack.enter_async_context(open_rooms(settings, redis, pubsub))
            tickets = await stack.enter_async_context(open_tickets(settings, redis))
            probes["database"] = database.probe
            report_changes(database, cache.invalidate)
            auth.on_user_deleted.append(files.delete_all)
            readiness = Readiness(probes)
            state: State = {
                "settings": settings,
                "readiness": readiness,
                "cursors": CursorCodec(settings.secret_key.get_secret_value()),
                "http": http,
                "database": database,
                "redis": redis,
                "rate_limits": rate_limits,
                "auth": auth,
                "cache": cache,
                "queue": queue,
                "pubsub": pubsub,
                "stream_limiter": stream_limiter,
                "topics": topics,
                "files": files,
                "task_changes": task_changes,
                "rooms": rooms,
                "tickets": tickets,
            }
            for start in starts:
                await stack.enter_async_context(start(state))
            on_shutdown: list[ShutdownHook] = [topics.close, task_changes.close, rooms.close]
            seconds = settings.drain_seconds
            stack.enter_context(drain_before_exit(readiness, seconds, on_shutdown))
            yield state

    return open_state
