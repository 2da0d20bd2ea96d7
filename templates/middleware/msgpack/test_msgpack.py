"""The same in MessagePack."""

from typing import Any

import ormsgpack
import pytest
from fastapi import Request
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from app.middleware.msgpack import MEDIA_TYPE, MsgPack

DATA = {"name": "Lampe \u2603", "tags": [1, None, 2.5]}


async def echo(request: Request) -> Response:
    assert request.headers["content-type"] == "application/json"
    return JSONResponse(await request.json(), 201)


async def stream(_request: Request) -> Response:
    return StreamingResponse(iter(["[1,", "2]"]), media_type="application/json")


async def huge(_request: Request) -> Response:
    return JSONResponse(2**70)


async def nothing(_request: Request) -> Response:
    return Response(b"", media_type="application/json")


@pytest.fixture
def packed() -> AsyncClient:
    routes = [
        Route("/echo", echo, methods=["POST"]),
        Route("/stream", stream),
        Route("/huge", huge),
        Route("/nothing", nothing),
    ]
    app = MsgPack(Router(routes))
    return AsyncClient(transport=ASGITransport(app), base_url="http://test")


async def send(client: AsyncClient, content: bytes, **headers: str) -> Any:
    sent = {"content-type": MEDIA_TYPE, **headers}
    return await client.post("/echo", content=content, headers=sent)


async def test_both_ways(packed: AsyncClient) -> None:
    response = await send(packed, ormsgpack.packb(DATA), accept=f"text/html, {MEDIA_TYPE};q=0.9")

    assert (response.status_code, response.headers["content-type"]) == (201, MEDIA_TYPE)
    assert response.headers["vary"] == "Accept"
    assert int(response.headers["content-length"]) == len(response.content)
    assert ormsgpack.unpackb(response.content) == DATA


async def test_json_for_who_does_not_ask(packed: AsyncClient) -> None:
    assert (await send(packed, ormsgpack.packb(DATA), accept="*/*")).json() == DATA


@pytest.mark.parametrize("content", [b"", b"\xc1", ormsgpack.packb({"bytes": b"x"})])
async def test_invalid_messages_are_refused(packed: AsyncClient, content: bytes) -> None:
    response = await send(packed, content)

    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


async def test_streams_stay_as_they_are(packed: AsyncClient) -> None:
    response = await packed.get("/stream", headers={"accept": MEDIA_TYPE})

    assert response.json() == [1, 2]


@pytest.mark.parametrize(("path", "content"), [("/huge", b"%d" % 2**70), ("/nothing", b"")])
async def test_unsupported_responses_stay_json(
    packed: AsyncClient, path: str, content: bytes
) -> None:
    response = await packed.get(path, headers={"accept": MEDIA_TYPE})

    assert (response.status_code, response.content) == (200, content)
    assert response.headers["content-type"] == "application/json"


async def test_the_service_has_it(client: AsyncClient) -> None:
    response = await client.get("/health", headers={"accept": MEDIA_TYPE})

    assert ormsgpack.unpackb(response.content)["status"]
