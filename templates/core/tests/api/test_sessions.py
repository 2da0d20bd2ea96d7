"""Writes are committed before the response."""

from collections.abc import AsyncGenerator

from fastapi import FastAPI

from app.api.deps import SessionDep, get_session
from app.core.errors import Conflict
from app.main import create_app
from app.settings import Settings
from tests.serving import serve


def application(settings: Settings) -> FastAPI:
    """An application with a route that writes."""
    app = create_app(settings)

    @app.post("/notes", status_code=201)
    async def create_note(session: SessionDep) -> str:
        return "created"

    return app


async def test_commit(settings: Settings) -> None:
    async with serve(application(settings)) as client:
        assert (await client.post("/notes")).status_code == 201


async def test_a_failed_commit_is_an_error(settings: Settings) -> None:
    async def failing() -> AsyncGenerator[None]:
        yield
        raise Conflict("Another request was faster.")

    app = application(settings)
    app.dependency_overrides[get_session] = failing
    async with serve(app) as client:
        response = await client.post("/notes")

    assert response.status_code == 409
    assert response.json()["code"] == "conflict"
