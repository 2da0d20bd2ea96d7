"""Routes that are kept answer as they would without, to everybody as to nobody else."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from httpx2 import AsyncClient, Response

from app.core.cache.routes import cached
from app.core.routing import flatten
from app.main import create_app
from app.settings import Settings
from tests.cache import handlers
from tests.cache.handlers import called
from tests.cache.processes import IN_MEMORY, IN_REDIS
from tests.serving import serve


@pytest.fixture(params=[IN_MEMORY, IN_REDIS])
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Settings:
    in_redis = request.param == IN_REDIS
    url = request.getfixturevalue("redis_url") if in_redis else ""
    monkeypatch.setenv("REDIS_URL", url)
    return Settings()


def add(app: FastAPI, path: str, handler: Callable[..., Awaitable[Any]], **options: Any) -> None:
    """The same handler twice: plain, and kept."""
    app.get(f"/plain{path}", **options)(handler)
    app.get(f"/kept{path}", **options)(cached()(handler))


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[AsyncClient]:
    called.clear()
    app = create_app(settings)
    add(app, "/person", handlers.get_person)
    add(app, "/lean", handlers.get_person, response_model_exclude_none=True)
    add(app, "/text", handlers.get_text)
    add(app, "/page", handlers.get_text, response_class=HTMLResponse)
    add(app, "/untyped", handlers.get_text, response_model=None)
    add(app, "/plain", handlers.get_plain)
    add(app, "/accepted", handlers.get_accepted)
    add(app, "/path/{part}", handlers.get_path)
    add(app, "/owned", handlers.get_owned)
    add(app, "/number", handlers.get_number)
    add(app, "/secured", handlers.get_secured)
    add(app, "/cookie", handlers.get_cookie)
    add(app, "/secret", handlers.get_secret)
    add(app, "/stream", handlers.get_stream)
    add(app, "/work", handlers.get_with_work)
    add(app, "/silent", handlers.get_silent)
    app.get("/kept/language")(cached(vary=["accept-language"])(handlers.get_language))
    app.get("/counts")(handlers.get_counts)
    flatten(app)
    async with serve(app) as client:
        yield client


def without_own(response: Response) -> dict[str, str]:
    """The headers, but for those that belong to each answer alone."""
    own = ("x-request-id", "x-process-time-ms")
    return {name: value for name, value in response.headers.items() if name not in own}


@pytest.mark.parametrize(
    "path",
    ["/person?name=ann&age=7", "/lean?name=ann", "/text", "/page", "/untyped", "/plain"],
)
async def test_the_answer_is_the_same(client: AsyncClient, path: str) -> None:
    plain, first, second = [await client.get(f"/{way}{path}") for way in ("plain", "kept", "kept")]

    for response in (first, second):
        assert (response.status_code, response.content) == (200, plain.content)
        assert without_own(response) == without_own(plain)
    assert called.total() == 2


async def test_what_the_client_has_already(client: AsyncClient) -> None:
    first = await client.get("/kept/text")

    again = await client.get("/kept/text", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert called == {"text": 1}


async def test_head_shares_with_get(client: AsyncClient) -> None:
    first = await client.get("/kept/text")
    head = await client.head("/kept/text")

    assert head.headers["etag"] == first.headers["etag"]
    assert (await client.get("/counts")).json() == {"misses": 1, "loads": 1, "hits": 1}


async def test_paths_and_queries_are_kept_apart(client: AsyncClient) -> None:
    for name in ("ann", "bob", "ann"):
        assert (await client.get(f"/kept/person?name={name}")).json()["name"] == name
        assert (await client.get(f"/kept/path/{name}")).json() == f"/kept/path/{name} {name}"

    assert called == {"person": 2, "path": 2}


async def test_headers_are_kept_apart_where_told(client: AsyncClient) -> None:
    for language in ("de", "fr", "de"):
        headers = {"Accept-Language": language}
        assert (await client.get("/kept/language", headers=headers)).json() == language

    assert called == {"language": 2}


async def test_what_is_one_s_own_is_for_nobody_else(client: AsyncClient) -> None:
    for owner in ("ann", "bob", "ann"):
        response = await client.get("/kept/owned", headers={"Owner": owner})
        assert response.json() == {"owner": owner}

    assert called == {"owned": 2}


async def test_who_is_refused_without_is_refused_with(client: AsyncClient) -> None:
    """Dependencies come first."""
    await client.get("/kept/owned", headers={"Owner": "ann"})

    assert (await client.get("/kept/owned")).status_code == 422


async def test_checks_of_scopes_are_made_once_a_request(client: AsyncClient) -> None:
    for _ in range(2):
        await client.get("/kept/secured")

    assert called == {"checked": 2, "notes:read": 2, "secured": 1}


@pytest.mark.parametrize("name", ["cookie", "secret", "stream", "accepted", "silent"])
async def test_what_is_for_one_client_or_no_success_is_not_kept(
    client: AsyncClient, name: str
) -> None:
    for _ in range(2):
        kept = await client.get(f"/kept/{name}")

    plain = await client.get(f"/plain/{name}")
    assert (kept.status_code, called[name]) == (plain.status_code, 3)
    assert kept.headers.keys() == plain.headers.keys()


async def test_work_behind_an_answer_is_done_once(client: AsyncClient) -> None:
    for _ in range(2):
        await client.get("/kept/work")

    assert called == {"handled": 1, "worked": 1}


async def test_other_methods_are_not_kept(client: AsyncClient) -> None:
    response = await client.post("/kept/number")

    assert response.status_code == 405
