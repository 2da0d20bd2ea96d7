"""Applications with their real lifespan, and a client that calls one without a network."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.main import create_app
from app.settings import Settings
from tests.waiting import PATIENCE

_built: list[tuple[Settings, FastAPI]] = []


def application(settings: Settings) -> FastAPI:
    """The application with these settings, built once for all tests.

    It keeps nothing: what lives is opened with its lifespan. Tests that change it make their own.
    """
    for known, app in _built:
        if known == settings:
            return app
    _built.append((settings, create_app(settings)))
    return _built[-1][1]


@asynccontextmanager
async def serve(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """Start the application, and stop it at the end of the block.

    The client accepts no compression: an `ETag` is the same for any size of a body.
    """
    plain = {"Accept-Encoding": "identity"}
    async with (
        LifespanManager(app, startup_timeout=PATIENCE, shutdown_timeout=PATIENCE) as running,
        AsyncClient(
            transport=ASGITransport(running.app), base_url="http://test", headers=plain
        ) as client,
    ):
        yield client
