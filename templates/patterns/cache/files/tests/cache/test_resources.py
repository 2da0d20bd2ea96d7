"""A committed change of a model invalidates its cached responses."""

from collections.abc import AsyncGenerator
from itertools import count

import pytest
from httpx2 import AsyncClient

from app.api.deps import SessionDep
from app.core.cache.routes import cached
from app.core.errors import Conflict
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
        raise Conflict("It is not to be.")


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[AsyncClient]:
    numbers = count(1)

    @cached(Note)
    async def read() -> int:
        return next(numbers)

    @cached(Note, Other)
    async def read_both() -> int:
        return next(numbers)

    app = create_app(settings)
    app.get("/notes")(read)
    app.get("/both")(read_both)
    app.post("/write")(write)
    async with serve(app) as client:
        yield client


async def test_it_goes_with_a_change_of_its_model(client: AsyncClient) -> None:
    first = await client.get("/notes")
    assert (await client.get("/notes")).json() == first.json()

    await client.post("/write?model=Note")

    assert (await client.get("/notes")).json() != first.json()


@pytest.mark.parametrize("model", ["Note", "Other"])
async def test_it_goes_with_a_change_of_each_of_its_models(client: AsyncClient, model: str) -> None:
    first = await client.get("/both")

    await client.post(f"/write?model={model}")

    assert (await client.get("/both")).json() != first.json()


async def test_it_stays_when_the_change_is_undone(client: AsyncClient) -> None:
    first = await client.get("/notes")

    assert (await client.post("/write?model=Note&fail=true")).status_code == 409

    assert (await client.get("/notes")).json() == first.json()


async def test_it_stays_when_another_model_changes(client: AsyncClient) -> None:
    first = await client.get("/notes")

    await client.post("/write?model=Other")

    assert (await client.get("/notes")).json() == first.json()
