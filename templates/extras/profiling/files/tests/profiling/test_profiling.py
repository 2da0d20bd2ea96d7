"""Access to profiles; other requests are not affected."""

import asyncio

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import SecretStr

from app.main import create_app
from app.settings import Settings
from tests.profiling.token import PROFILED, TOKEN
from tests.serving import serve


def application_with(token: str) -> FastAPI:
    return create_app(Settings(profiling_token=SecretStr(token)))


async def test_a_request_with_the_token_gets_its_profile(profiler: AsyncClient) -> None:
    response = await profiler.get("/ready", headers=PROFILED)

    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert "pyinstrument" in response.text


@pytest.mark.parametrize(("token", "given"), [(TOKEN, "no"), ("", ""), ("", TOKEN)])
async def test_all_others_get_their_response(token: str, given: str) -> None:
    async with serve(application_with(token)) as client:
        response = await client.get("/health", headers={"X-Profile": given})

    assert response.json() == {"status": "ok"}


async def test_one_request_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def accept(_: object) -> None:
        pass

    monkeypatch.setattr("app.profiling.middleware.check_access", accept)
    app, entered, leave = application_with(TOKEN), asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        entered.set()
        await leave.wait()

    app.add_api_route("/wait", wait)
    async with serve(app) as client, asyncio.TaskGroup() as group:
        first = group.create_task(client.get("/wait", headers=PROFILED))
        await entered.wait()
        second = await client.get("/health", headers=PROFILED)
        leave.set()

    assert second.status_code == 503
    assert "pyinstrument" in first.result().text


def test_a_short_token_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROFILING_TOKEN", "short")

    with pytest.raises(SystemExit, match="PROFILING_TOKEN: must have 32"):
        Settings.load()
