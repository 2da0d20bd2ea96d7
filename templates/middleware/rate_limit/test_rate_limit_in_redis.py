"""Over Redis, all processes count together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from httpx2 import AsyncClient

from app.main import create_app
from app.settings import Settings
from tests.serving import serve


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> pytest.MonkeyPatch:
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("RATE_LIMITS", '{"/": "5/hour"}')
    return monkeypatch


@asynccontextmanager
async def process() -> AsyncGenerator[AsyncClient]:
    async with serve(create_app(Settings())) as client:
        yield client


async def test_two_processes_count_together(environment: pytest.MonkeyPatch) -> None:
    async with process() as one, process() as another:
        found = [(await client.get("/nothing")).status_code for client in (one, another) * 4]

    assert found == [404] * 5 + [429] * 3


async def test_rate_limits_apply_per_process_during_a_redis_outage(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("REDIS_URL", "redis://127.0.0.1:1")

    async with process() as client:
        found = [(await client.get("/nothing")).status_code for _ in range(6)]

    assert found == [404] * 5 + [429]
