"""Cached routes answer as they would without the cache."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from httpx2 import AsyncClient, Response

from app.cache.routes import cached
from app.core.routing import flatten_routes
from app.main import create_app
from app.settings import Settings
from tests.insides.cache import handlers
from tests.insides.cache.handlers import called
from tests.insides.cache.processes import IN_MEMORY, IN_REDIS
from tests.serving import serve


@pytest.fixture(params=[IN_MEMORY, IN_REDIS])
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Settings:
    in_redis = request.param == IN_REDIS
    url = request.getfixturevalue("redis_url") if in_redis else ""
    monkeypatch.setenv("REDIS_URL", url)
    return Settings()


def add(app: FastAPI, path: str, handler: Callable[..., Awaitable[Any]], **options: Any) -> None:
    """The same handler twice, plain and cached; its name is not the id of the operations."""
    for way, each in (("plain", handler), ("cached", cached()(handler))):
        app.get(f"/{way}{path}", operation_id=f"{way}{path}", **options)(each)


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[AsyncClient]:
    called.clear()
    app = create_app(settings)
    add(app, "/person", handlers.get_person)
    add(app, "/lean", handlers.get_person, response_model_exclude_none=True)
    add(app, "/by-name", handlers.get_person, response_model_by_alias=False)
    add(app, "/part", handlers.get_person, response_model_include={"age"})
    add(app, "/union", handlers.get_union)
    add(app, "/text", handlers.get_text)
    add(app, "/page", handlers.get_text, response_class=HTMLResponse)
    add(app, "/untyped", handlers.get_text, response_model=None)
    add(app, "/plain", handlers.get_plain)
    add(app, "/created", handlers.get_number, status_code=201)
    add(app, "/accepted", handlers.get_accepted)
    add(app, "/path/{part}", handlers.get_path)
    add(app, "/own", handlers.get_own)
    add(app, "/credentials", handlers.get_credentials)
    add(app, "/number", handlers.get_number)
    add(app, "/cookie", handlers.get_cookie)
    add(app, "/secret", handlers.get_secret)
    add(app, "/stream", handlers.get_stream)
    add(app, "/work", handlers.get_with_work)
    add(app, "/unavailable", handlers.get_unavailable)
    app.get("/cached/language")(cached(vary=["accept-language"])(handlers.get_language))
    app.get("/cached/shared")(cached(shared=True)(handlers.get_number))
    app.get("/counts")(handlers.get_counts)
    flatten_routes(app)
    async with serve(app) as client:
        yield client


def headers_of(response: Response) -> dict[str, str]:
    """The headers without those that differ in every response."""
    own = ("x-request-id", "x-process-time-ms")
    return {name: value for name, value in response.headers.items() if name not in own}


@pytest.mark.parametrize(
    "path",
    [
        "/person?name=ann&age=7",
        "/lean?name=ann",
        "/by-name?name=ann",
        "/part?name=ann",
        "/union",
        "/text",
        "/page",
        "/untyped",
        "/plain",
    ],
)
async def test_responses_are_the_same(client: AsyncClient, path: str) -> None:
    plain, first, second = [
        await client.get(f"/{way}{path}") for way in ("plain", "cached", "cached")
    ]

    for response in (first, second):
        assert (response.status_code, response.content) == (200, plain.content)
        assert headers_of(response) == headers_of(plain)
    assert called.total() == 2


async def test_the_description_is_the_same(client: AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]

    plain, stored = (paths[f"/{way}/person"]["get"] for way in ("plain", "cached"))
    for part in ("parameters", "responses"):
        assert plain[part] == stored[part]


async def test_a_client_with_the_same_etag_gets_304(client: AsyncClient) -> None:
    first = await client.get("/cached/text")

    again = await client.get("/cached/text", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert called == {"text": 1}


async def test_head_shares_with_get(client: AsyncClient) -> None:
    first = await client.get("/cached/text")
    head = await client.head("/cached/text")

    assert head.headers["etag"] == first.headers["etag"]
    assert (await client.get("/counts")).json() == {"misses": 1, "loads": 1, "hits": 1}


async def test_paths_and_queries_are_apart(client: AsyncClient) -> None:
    for name in ("ann", "bob", "ann"):
        assert (await client.get(f"/cached/person?name={name}")).json()["fullName"] == name
        assert (await client.get(f"/cached/path/{name}")).json() == f"/cached/path/{name} {name}"

    assert called == {"person": 2, "path": 2}


async def test_headers_in_vary_are_apart(client: AsyncClient) -> None:
    for language in ("de", "fr", "de"):
        headers = {"Accept-Language": language}
        assert (await client.get("/cached/language", headers=headers)).json() == language

    assert called == {"language": 2}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_users_are_apart(client: AsyncClient, method: str) -> None:
    for user in ("ann", "robert", "ann"):
        response = await client.request(method, "/cached/own", headers={"User": user})
        assert response.headers["content-length"] == str(len(user) + 2)

    assert called == {"own": 2}


@pytest.mark.parametrize("header", ["Authorization", "Cookie"])
async def test_credentials_are_apart_without_a_user(client: AsyncClient, header: str) -> None:
    for value in ("ann", "bob", "ann"):
        response = await client.get("/cached/credentials", headers={header: value})
        assert response.json() == value
    assert (await client.get("/cached/credentials")).json() == ""

    assert called == {"credentials": 3}


async def test_shared_responses_are_for_all(client: AsyncClient) -> None:
    for value in ("ann", "bob"):
        response = await client.get("/cached/shared", headers={"Authorization": value})
        assert response.json() == 1


async def test_dependencies_run_before_the_cache(client: AsyncClient) -> None:
    await client.get("/cached/own", headers={"User": "ann"})

    assert (await client.get("/cached/own")).status_code == 422


@pytest.mark.parametrize("name", ["cookie", "secret", "stream", "accepted", "unavailable"])
async def test_personal_responses_and_errors_are_not_cached(client: AsyncClient, name: str) -> None:
    for _ in range(2):
        response = await client.get(f"/cached/{name}")

    plain = await client.get(f"/plain/{name}")
    assert (response.status_code, called[name]) == (plain.status_code, 3)
    assert response.headers.keys() == plain.headers.keys()


async def test_the_status_of_the_route_is_sent(client: AsyncClient) -> None:
    assert (await client.get("/cached/created")).status_code == 201


async def test_background_tasks_run_for_the_loading_request(client: AsyncClient) -> None:
    for _ in range(2):
        await client.get("/cached/work")

    assert called == {"handled": 1, "worked": 1}


async def test_other_methods_are_405(client: AsyncClient) -> None:
    assert (await client.post("/cached/number")).status_code == 405


def test_a_handler_without_a_request_is_refused() -> None:
    async def read() -> int:
        return 1

    with pytest.raises(TypeError, match="`read` is cached: it needs a `request: Request`"):
        cached()(read)
