"""A repeated request is executed once."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

import pytest
from fastapi import Header, HTTPException, Request
from fastapi import Response as FastAPIResponse
from fastapi.responses import StreamingResponse
from httpx2 import AsyncClient, Response

from app.core.errors import Unavailable
from app.core.routing import flatten_routes
from app.main import create_app
from app.middleware import idempotency, idempotency_store
from app.middleware.idempotency_store import Store
from app.settings import Settings
from tests.serving import serve


class Till:
    """Counts what is paid, and can be told to wait or to fail."""

    def __init__(self) -> None:
        self.paid: list[bytes] = []
        self.is_asked = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.status = 201


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
async def client(settings: Settings, till: Till) -> AsyncGenerator[AsyncClient]:
    app = create_app(settings)

    @app.post("/pay", status_code=201)
    async def pay(request: Request) -> int:
        till.paid.append(await request.body())
        till.is_asked.set()
        await till.may_go_on.wait()
        if till.status != 201:
            raise HTTPException(till.status, "No.")
        return len(till.paid)

    @app.post("/own/{name}")
    async def own(name: str, idempotency_key: Annotated[str, Header()]) -> str:
        till.paid.append(idempotency_key.encode())
        return name

    @app.post("/secret")
    async def secret(response: FastAPIResponse) -> int:
        till.paid.append(b"")
        response.headers["Cache-Control"] = "no-store"
        return len(till.paid)

    @app.post("/stream")
    async def stream() -> StreamingResponse:
        till.paid.append(b"")
        return StreamingResponse(iter(["a", "b"]))

    flatten_routes(app)
    async with serve(app) as client:
        yield client


async def post(
    client: AsyncClient, key: str, body: str = "{}", path: str = "/pay", **headers: str
) -> Response:
    return await client.post(path, content=body, headers={"Idempotency-Key": key, **headers})


async def test_larger_bodies_are_refused_while_they_arrive(
    client: AsyncClient, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "MAX_BODY", 10)

    response = await post(client, "large", "a" * 11)

    assert (response.status_code, till.paid) == (413, [])
    assert "Idempotency-Key has up to 10 bytes" in response.json()["detail"]


async def test_the_same_answer(client: AsyncClient, till: Till) -> None:
    first, again = await post(client, "a"), await post(client, "a")

    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json(), again.json()) == (1, 1)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(till.paid) == 1


async def test_another_body(client: AsyncClient, till: Till) -> None:
    await post(client, "a")

    assert (await post(client, "a", "[]")).status_code == 422
    assert len(till.paid) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer other"},
        {"X-API-Key": "other"},
        {"Cookie": "other=1", "Origin": "http://test"},
    ],
)
async def test_another_caller(client: AsyncClient, till: Till, headers: dict[str, str]) -> None:
    await post(client, "a")

    assert (await post(client, "a", **headers)).json() == 2


async def test_under_way(client: AsyncClient, till: Till) -> None:
    till.may_go_on.clear()
    first = asyncio.create_task(post(client, "a"))
    await till.is_asked.wait()

    second = await post(client, "a")
    till.may_go_on.set()

    assert (second.status_code, second.headers["retry-after"]) == (409, "1")
    assert (await first).status_code == 201


@pytest.mark.parametrize("status", [400, 503])
async def test_an_error_is_not_kept(client: AsyncClient, till: Till, status: int) -> None:
    till.status = status
    await post(client, "a")
    till.status = 201

    assert (await post(client, "a")).status_code == 201


async def test_streams_are_not_kept(client: AsyncClient, till: Till) -> None:
    for _ in range(2):
        assert (await post(client, "a", path="/stream")).text == "ab"

    assert len(till.paid) == 2


@pytest.mark.parametrize(("larger", "again"), [(0, 1), (1, 2)])
async def test_large_answers_are_not_kept(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, larger: int, again: int
) -> None:
    size = len((await post(client, "first")).content)
    monkeypatch.setattr(idempotency, "MAX_ANSWER", size - larger)
    await post(client, "large")

    assert (await post(client, "large")).json() == again + 1


async def test_secrets_are_not_kept(client: AsyncClient) -> None:
    first, again = [await post(client, "a", path="/secret") for _ in range(2)]

    assert (first.json(), again.json()) == (1, 2)


async def test_a_route_that_takes_the_key_sees_to_it(client: AsyncClient, till: Till) -> None:
    for body in ("{}", "{}", "[]"):
        assert (await post(client, "a", body, "/own/ann")).json() == "ann"

    assert till.paid == [b"a"] * 3


async def test_a_body_that_is_too_large(client: AsyncClient, till: Till) -> None:
    async def chunks() -> AsyncGenerator[bytes]:
        for _ in range(11):
            yield b" " * 2**20

    response = await client.post("/pay", content=chunks(), headers={"Idempotency-Key": "a"})

    assert (response.status_code, till.paid) == (413, [])


async def test_without_a_key(client: AsyncClient, till: Till) -> None:
    assert [(await client.post("/pay")).json() for _ in range(2)] == [1, 2]
    assert (await client.get("/health", headers={"Idempotency-Key": "a"})).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_bad_keys(client: AsyncClient, till: Till, key: str) -> None:
    assert (await post(client, key)).status_code == 400
    assert till.paid == []


async def test_while_nothing_can_be_promised(
    client: AsyncClient, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Unavailable("Nobody knows.")

    monkeypatch.setattr(Store, "of", lambda store, _scope: store)
    monkeypatch.setattr(Store, "put_new", fail)

    response = await post(client, "a")

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert till.paid == []


async def test_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x" * 10_000
    monkeypatch.setattr(idempotency_store, "MAX_BYTES", 25_000)
    store = Store()
    for name in "abbcd":
        await store.put(name, text, 60)
    await store.drop("d")
    await store.put("e", text, 60)

    assert await store.put_new("c", "new", 60) == text
    assert await store.put_new("e", "new", 60) == text
    assert await store.put_new("a", "new", 60) is None
    assert await store.put_new("b", "new", 60) is None


async def test_in_time_they_are_gone() -> None:
    store = Store()
    await store.put("a", "old", 0)

    assert await store.put_new("a", "new", 60) is None
