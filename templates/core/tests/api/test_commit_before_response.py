"""Writes are committed before the response."""

from collections.abc import AsyncGenerator

import pytest

from app.api.deps import SessionDep, get_session
from app.core.errors import Conflict
from app.main import create_app
from app.settings import Settings
from tests.serving import serve


@pytest.mark.parametrize(("fails", "status"), [(False, 201), (True, 409)])
async def test_a_failed_commit_is_an_error(settings: Settings, fails: bool, status: int) -> None:
    async def session() -> AsyncGenerator[None]:
        yield
        if fails:
            raise Conflict("A constraint is violated.")

    app = create_app(settings)
    app.dependency_overrides[get_session] = session

    @app.post("/notes", status_code=201)
    async def create_note(session: SessionDep) -> str:
        return "created"

    async with serve(app) as client:
        assert (await client.post("/notes")).status_code == status
