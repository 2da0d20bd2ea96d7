"""A session is kept by the browser, and believed only as it was given."""

from collections.abc import AsyncGenerator

import pytest
from fastapi import Request
from httpx2 import AsyncClient

from app.core.routing import flatten_routes
from app.main import create_app
from app.settings import Settings
from tests.serving import serve


@pytest.fixture
async def browser(settings: Settings) -> AsyncGenerator[AsyncClient]:
    app = create_app(settings)

    @app.get("/visits")
    async def count_visits(request: Request) -> int:
        request.session["visits"] = request.session.get("visits", 0) + 1
        return int(request.session["visits"])

    flatten_routes(app)
    async with serve(app) as client:
        yield client


async def test_it_is_remembered(browser: AsyncClient) -> None:
    found = [(await browser.get("/visits")).json() for _ in range(3)]

    assert found == [1, 2, 3]


async def test_a_changed_one_is_a_new_one(browser: AsyncClient) -> None:
    given = (await browser.get("/visits")).cookies["state"]
    browser.cookies.clear()

    response = await browser.get("/visits", headers={"Cookie": f"state=x{given}"})

    assert response.json() == 1


async def test_its_flags(browser: AsyncClient) -> None:
    flags = (await browser.get("/visits")).headers["set-cookie"].lower()

    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "secure" not in flags


class TestInProduction:
    @pytest.fixture
    def settings(self, monkeypatch: pytest.MonkeyPatch) -> Settings:
        monkeypatch.setenv("ENVIRONMENT", "production")
        monkeypatch.setenv("SECRET_KEY", "0123456789-abcdefghijklmnopqrstuvwxyz")
        monkeypatch.setenv("ALLOWED_HOSTS", "test")
        return Settings()

    async def test_only_over_tls(self, browser: AsyncClient) -> None:
        response = await browser.get("https://test/visits")

        assert response.headers["set-cookie"].startswith("__Host-state=")
        assert "; secure" in response.headers["set-cookie"].lower()
