"""Application lifespan: resources are opened in this order, and closed in reverse."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI
from httpx2 import AsyncClient
from starlette.requests import HTTPConnection

from app.auth.context import AuthContext, make_auth
from app.cache.cache import Cache, open_cache
from app.core.health import Readiness
from app.core.http_client import open_http_client
from app.core.pagination import CursorCodec
from app.core.shutdown import ShutdownHook, drain_before_exit
from app.db.changes import report_changes
from app.db.database import Database, open_database
from app.files.store import FileStore, open_files
from app.queue.changes import TaskChanges
from app.queue.queue import Queue, open_queue
from app.realtime.pubsub import PubSub, open_pubsub
from app.realtime.rooms import Rooms
from app.realtime.streams import StreamLimiter
from app.realtime.tickets import Tickets
from app.realtime.topics import Topics, make_topics
from app.redis.client import RedisClient, open_redis
from app.redis.rate_limit_storage import RateLimitStorage
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


Background = Callable[[State], AbstractAsyncContextManager[None]]
"""Entered before the first request, and left after the last one, such as a worker."""


def lifespan(
    settings: Settings, *background: Background
) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    """The lifespan of an application with these settings."""

    @asynccontextmanager
    async def open_state(_app: FastAPI) -> AsyncGenerator[State]:
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(open_http_client())
            database = await stack.enter_async_context(open_database(settings))
            redis = await stack.enter_async_context(open_redis(settings))
            rate_limits = RateLimitStorage(redis)
            auth = make_auth(settings, rate_limits, http)
            cache = await stack.enter_async_context(open_cache(settings, redis))
            queue = await stack.enter_async_context(open_queue(settings, database))
            pubsub = await stack.enter_async_context(open_pubsub(redis))
            stream_limiter = StreamLimiter(settings)
            topics = make_topics(settings, redis, pubsub)
            files = await stack.enter_async_context(open_files(settings))
            task_changes = TaskChanges(queue, pubsub)
            rooms = Rooms(redis, pubsub)
            tickets = Tickets(redis)
            report_changes(database, cache.invalidate)
            auth.on_user_deleted.append(files.delete_all)
            readiness = Readiness({"database": database.probe})
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
            for run in background:
                await stack.enter_async_context(run(state))
            on_shutdown: list[ShutdownHook] = [pubsub.close]
            seconds = settings.drain_seconds
            stack.enter_context(drain_before_exit(readiness, seconds, on_shutdown))
            yield state

    return open_state
