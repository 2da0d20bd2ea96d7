"""The page to try it is there, loads nothing from elsewhere, and is off in production."""

import pytest
from httpx2 import AsyncClient
from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings
from tests.serving import serve

PATHS = ["/playground", "/playground/page.js", "/playground/page.css", "/playground/parts.json"]


async def test_it_is_there(client: AsyncClient, subtests: pytest.Subtests) -> None:
    for path in PATHS:
        with subtests.test(path=path):
            response = await client.get(path)

            assert response.status_code == 200
            (policy,) = response.headers.get_list("content-security-policy")
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy


async def test_not_in_production() -> None:
    settings = Settings(
        environment="production",
        secret_key=SecretStr("0123456789-abcdefghijklmnopqrstuvwxyz"),
        allowed_hosts=("test",),
    )
    async with serve(create_app(settings)) as client:
        found = [(await client.get(f"https://test{path}")).status_code for path in PATHS]

    assert found == [404] * len(PATHS)


async def test_it_knows_what_there_is_to_try(client: AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]

    assert (await client.get("/playground/parts.json")).json() == {
        "sign_in": "/api/v1/auth/token" in paths,
        "events": "/api/v1/events/{topic}" in paths,
    }
