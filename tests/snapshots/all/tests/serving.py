"""An application with its real lifespan, and a client that calls it without a network."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient


@asynccontextmanager
async def serve(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """Start the application, and stop it at the end of the block."""
    async with (
        LifespanManager(app) as running,
        AsyncClient(transport=ASGITransport(running.app), base_url="http://test") as client,
    ):
        yield client
