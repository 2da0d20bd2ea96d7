"""Cached responses are invalidated by commits, and are apart for each caller."""

from collections.abc import AsyncGenerator
from itertools import count

import pytest
from fastapi import FastAPI, Request
from httpx2 import AsyncClient

from app.api.deps import SessionDep
from app.cache.routes import CacheDep, cached
from app.core.errors import Conflict, NotFound
from app.main import create_app
from app.settings import Settings
from tests.serving import serve


class Note:
    """A model of these tests."""


class Other:
    """Another one."""


MODELS: dict[str, type] = {"Note": Note, "Other": Other}


async def write(model: str, session: SessionDep, *, fail: bool = False) -> None:
    session.mark_changed(MODELS[model])
    if fail:
        raise Conflict("The change is rolled back.")


def add_routes(app: FastAPI) -> None:
    """Reads that answer with another number each time they are not cached."""
    numbers = count(1)

    @app.get("/notes")
    @cached(Note)
    async def read(request: Request) -> int:
        return next(numbers)

    @app.get("/both")
    @cached(Note, Other)
    async def read_both(request: Request) -> int:
        return next(numbers)

    @app.get("/missing")
    @cached(Note)
    async def read_missing(request: Request) -> int:
        raise NotFound(f"Attempt {next(numbers)}")

    @app.get("/value")
    async def read_value(cache: CacheDep, owner: str) -> int:
        async def load() -> int:
            return next(numbers)

        return await cache.get_or_load("number", load, of=int, per=owner, tags=["Note"])

    app.post("/write")(write)


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[AsyncClient]:
    app = create_app(settings)
    add_routes(app)
    async with serve(app) as client:
        yield client


async def test_a_commit_invalidates_responses_of_its_model(client: AsyncClient) -> None:
    first = await client.get("/notes")
    assert (await client.get("/notes")).json() == first.json()

    await client.post("/write?model=Note")

    assert (await client.get("/notes")).json() != first.json()


@pytest.mark.parametrize("model", ["Note", "Other"])
async def test_each_model_of_a_route_invalidates(client: AsyncClient, model: str) -> None:
    first = await client.get("/both")

    await client.post(f"/write?model={model}")

    assert (await client.get("/both")).json() != first.json()


async def test_a_rollback_invalidates_nothing(client: AsyncClient) -> None:
    first = await client.get("/notes")

    assert (await client.post("/write?model=Note&fail=true")).status_code == 409

    assert (await client.get("/notes")).json() == first.json()


async def test_other_models_invalidate_nothing(client: AsyncClient) -> None:
    first = await client.get("/notes")

    await client.post("/write?model=Other")

    assert (await client.get("/notes")).json() == first.json()


async def test_callers_are_apart(client: AsyncClient) -> None:
    answers = [
        (await client.get("/notes", headers={"Authorization": f"Bearer {token}"})).json()
        for token in ("ann", "bob", "ann")
    ]

    assert answers == [1, 2, 1]


async def test_not_found_is_cached(client: AsyncClient) -> None:
    first = await client.get("/missing")
    assert (first.status_code, first.json()["detail"]) == (404, "Attempt 1")
    assert (await client.get("/missing")).json()["detail"] == "Attempt 1"

    await client.post("/write?model=Note")

    assert (await client.get("/missing")).json()["detail"] == "Attempt 2"


async def test_values_are_cached_for_each_owner(client: AsyncClient) -> None:
    async def read(owner: str) -> int:
        return int((await client.get(f"/value?owner={owner}")).json())

    assert [await read(owner) for owner in ("ann", "bob", "ann")] == [1, 2, 1]

    await client.post("/write?model=Note")

    assert await read("ann") == 3


async def test_routes_answer_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    app = create_app(Settings())
    add_routes(app)

    async with serve(app) as client:
        answers = [(await client.get("/notes")).json() for _ in range(2)]

    assert answers == [1, 2]
