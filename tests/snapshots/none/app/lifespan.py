"""Application lifespan: resources are opened in this order, and closed in reverse."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI
from httpx2 import AsyncClient
from starlette.requests import HTTPConnection

from app.core.health import Readiness
from app.core.http_client import open_http_client
from app.core.pagination import CursorCodec
from app.core.shutdown import ShutdownHook, drain_before_exit
from app.memory.database import Database, open_database
from app.settings import Settings


class State(TypedDict):
    """The `state` of every request and WebSocket."""

    settings: Settings
    readiness: Readiness
    cursors: CursorCodec
    http: AsyncClient
    database: Database


class Connection(HTTPConnection[State]):
    """A request or a WebSocket with a typed state, for parameters of dependencies."""


def lifespan(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    """The lifespan of an application with these settings."""

    @asynccontextmanager
    async def open_state(_app: FastAPI) -> AsyncGenerator[State]:
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(open_http_client())
            database = await stack.enter_async_context(open_database(settings))
            readiness = Readiness({})
            state: State = {
                "settings": settings,
                "readiness": readiness,
                "cursors": CursorCodec(settings.secret_key.get_secret_value()),
                "http": http,
                "database": database,
            }
            on_shutdown: list[ShutdownHook] = []
            seconds = settings.drain_seconds
            stack.enter_context(drain_before_exit(readiness, seconds, on_shutdown))
            yield state

    return open_state
