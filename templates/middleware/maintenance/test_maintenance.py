"""While the service is closed, only the probes get through."""

import pytest
from httpx2 import AsyncClient

from app.main import create_app
from app.settings import Settings
from tests.serving import serve


async def test_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINTENANCE", "true")
    monkeypatch.setenv("MAINTENANCE_SECONDS", "90")

    async with serve(create_app(Settings())) as client:
        found = await client.get("/api/v1/anything")
        health = await client.get("/health")
        ready = await client.get("/ready")

    assert (found.status_code, found.json()["code"]) == (503, "unavailable")
    assert found.headers["retry-after"] == "90"
    assert found.headers["x-request-id"] == found.json()["request_id"]
    assert (health.status_code, ready.status_code) == (200, 200)


async def test_open(client: AsyncClient) -> None:
    assert (await client.get("/api/v1/anything")).status_code == 404
