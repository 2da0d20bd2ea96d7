"""Shared rows need the scopes of their route."""

from typing import Annotated

import pytest
from fastapi import FastAPI, Security
from httpx2 import AsyncClient

from app.auth.deps import SharedRowsDep
from app.main import create_app
from app.settings import Settings
from tests.accounts import bearer, get_tokens, register
from tests.serving import serve


async def get_scope(rows: SharedRowsDep) -> str:
    return f"scope: {dict(rows.only)}"


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """An application with rows that are shared."""
    app = create_app(settings)

    @app.get("/shared")
    async def read(found: Annotated[str, Security(get_scope, scopes=["shared:read"])]) -> str:
        return found

    @app.post("/shared")
    async def write(found: Annotated[str, Security(get_scope, scopes=["shared:write"])]) -> str:
        return found

    return app


async def ask(client: AsyncClient, scope: str) -> list[int]:
    email = (await register(client))["email"]
    headers = bearer(await get_tokens(client, email, scope))
    answers = [await client.request(each, "/shared", headers=headers) for each in ("GET", "POST")]
    assert all("{}" in answer.text for answer in answers if answer.status_code == 200)
    return [answer.status_code for answer in answers]


async def test_by_scope_and_not_by_owner(app: FastAPI) -> None:
    async with serve(app) as client:
        assert (await client.get("/shared")).status_code == 401
        assert await ask(client, "shared:read shared:write") == [200, 200]
        assert await ask(client, "shared:read") == [200, 403]
        assert await ask(client, "nonsense") == [403, 403]
