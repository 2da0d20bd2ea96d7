"""Clients above their limit get 429; others are not affected."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from fastapi import Request
from httpx2 import AsyncClient

from app.core.context import rate_limit_key
from app.core.limits.rules import rules
from app.main import create_app
from app.settings import Settings
from tests.serving import serve

LIMITS = """{
    "/": "5/hour",
    "/open": "1000/hour",
    "GET /open/door": "2/hour; 1000/day"
}"""


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RATE_LIMITS", LIMITS)
    return Settings()


@asynccontextmanager
async def process(settings: Settings) -> AsyncGenerator[AsyncClient]:
    """A process of the service; it finds `good` credentials good."""
    app = create_app(settings)

    @app.get("/me", include_in_schema=False)
    async def read_me(request: Request) -> str:
        if request.headers.get("authorization", "").startswith("good"):
            rate_limit_key.set("user/7")
        return "me"

    @app.get("/open/door", include_in_schema=False)
    @app.post("/open/door", include_in_schema=False)
    async def open_door() -> str:
        return "open"

    async with serve(app) as client:
        yield client


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[AsyncClient]:
    async with process(settings) as client:
        yield client


async def statuses(client: AsyncClient, path: str, times: int, **headers: str) -> list[int]:
    return [(await client.get(path, headers=headers)).status_code for _ in range(times)]


async def test_too_many(client: AsyncClient) -> None:
    assert await statuses(client, "/me", 6) == [200] * 5 + [429]

    refusal = await client.get("/me")

    assert refusal.headers["content-type"] == "application/problem+json"
    assert refusal.json()["code"] == "rate_limited"
    assert refusal.json()["request_id"] == refusal.headers["x-request-id"]
    assert 1 <= int(refusal.headers["retry-after"]) <= 3600


@pytest.mark.usefixtures("settings")
async def test_a_start_counts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the counts are kept elsewhere."""
    monkeypatch.delenv("REDIS_URL", raising=False)
    app = create_app(Settings())
    for _ in range(2):
        async with serve(app) as client:
            assert await statuses(client, "/nothing", 6) == [404] * 5 + [429]


async def test_it_is_documented(client: AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()

    own = {path: of for path, of in document["paths"].items() if path.startswith("/api/")}
    for path, operations in own.items():
        for operation in operations.values():
            assert "429" in operation["responses"], path


async def test_the_nearest_rule_counts(client: AsyncClient) -> None:
    assert await statuses(client, "/open/door", 3) == [200, 200, 429]
    assert (await client.post("/open/door")).status_code == 200
    assert await statuses(client, "/me", 5) == [200] * 5


async def test_probes_are_always_answered(client: AsyncClient) -> None:
    assert await statuses(client, "/health", 8) == [200] * 8


async def test_a_user_counts_apart_once_found_good(client: AsyncClient) -> None:
    assert await statuses(client, "/me", 1, authorization="good 1") == [200]
    assert await statuses(client, "/me", 4) == [200] * 4

    assert await statuses(client, "/me", 1) == [429]
    assert await statuses(client, "/me", 6, authorization="good 1") == [200] * 5 + [429]


def test_a_service_as_it_is_has_a_limit() -> None:
    assert Settings.model_fields["rate_limits"].default == {"/": "600/minute"}


async def test_made_up_credentials_count_for_their_address(client: AsyncClient) -> None:
    found = [await statuses(client, "/me", 1, authorization=f"bad {n}") for n in range(6)]

    assert found == [[200]] * 5 + [[429]]


def test_the_longest_path_comes_first() -> None:
    found = rules({"/": "1/day", "/a": "1/day", "GET /a": "1/day", "/a/b/": "1/day"})

    assert [rule.where for rule in found] == ["/a/b/", "GET /a", "/a", "/"]


@pytest.mark.parametrize(
    "limits", ["[]", '{"a": "1/hour"}', '{"FETCH /": "1/hour"}', '{"/": "often"}', '{"/": 5}', "{"]
)
def test_bad_ones_are_named(monkeypatch: pytest.MonkeyPatch, limits: str) -> None:
    monkeypatch.setenv("RATE_LIMITS", limits)

    with pytest.raises(SystemExit, match="  RATE_LIMITS: "):
        Settings.load()
