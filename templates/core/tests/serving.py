"""Starts applications with their lifespan, and calls them without a network."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from starlette.types import ASGIApp

from app.main import create_app
from app.settings import Settings
from tests.waiting import TIMEOUT

_built: list[tuple[Settings, FastAPI]] = []


def application(settings: Settings) -> FastAPI:
    """The application with these settings, built once for all tests.

    It has no state of its own: the lifespan opens resources. Tests that change it create their own.
    """
    for known, app in _built:
        if known == settings:
            return app
    _built.append((settings, create_app(settings)))
    return _built[-1][1]


@asynccontextmanager
async def started(app: FastAPI) -> AsyncGenerator[ASGIApp]:
    """Start the application, and stop it at the end of the block."""
    async with LifespanManager(app, startup_timeout=TIMEOUT, shutdown_timeout=TIMEOUT) as running:
        yield running.app


def connect(app: ASGIApp) -> AsyncClient:
    """A client. It accepts no compression, so that the `ETag` does not depend on the size."""
    plain = {"Accept-Encoding": "identity"}
    return AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=plain)


@asynccontextmanager
async def serve(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A client of the application, which runs until the end of the block."""
    async with started(app) as running, connect(running) as client:
        yield client
