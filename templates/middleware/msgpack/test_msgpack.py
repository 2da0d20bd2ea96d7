"""The same in MessagePack."""

from typing import Any

import ormsgpack
import pytest
from fastapi import Request
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from app.middleware.catch_errors import CatchErrors
from app.middleware.msgpack import MAX_BYTES, MEDIA_TYPE, MsgPack

DATA = {"name": "Lampe \u2603", "tags": [1, None, 2.5]}


async def echo(request: Request) -> Response:
    assert request.headers["content-type"] == "application/json"
    return JSONResponse(await request.json(), 201)


async def row(request: Request) -> Response:
    return JSONResponse(request.headers.get("if-match"), headers={"etag": '"1"'})


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
        Route("/row", row),
        Route("/stream", stream),
        Route("/huge", huge),
        Route("/nothing", nothing),
    ]
    app = CatchErrors(MsgPack(Router(routes)))
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


@pytest.mark.parametrize(
    "accept", ["*/*", f"{MEDIA_TYPE};q=0", f"application/json, {MEDIA_TYPE};q=0.9"]
)
async def test_json_for_who_does_not_ask(packed: AsyncClient, accept: str) -> None:
    response = await send(packed, ormsgpack.packb(DATA), accept=accept)

    assert response.json() == DATA
    assert response.headers["vary"] == "Accept"


async def test_each_form_has_its_own_tag(packed: AsyncClient) -> None:
    plain = await packed.get("/row")
    response = await packed.get("/row", headers={"accept": MEDIA_TYPE})
    tag = response.headers["etag"]
    conditional = await packed.get("/row", headers={"if-match": tag})

    assert (plain.headers["etag"], tag) == ('"1"', '"1-msgpack"')
    assert conditional.json() == '"1"'


@pytest.mark.parametrize("content", [b"", b"\xc1", ormsgpack.packb({"bytes": b"x"})])
async def test_invalid_messages_are_refused(packed: AsyncClient, content: bytes) -> None:
    response = await send(packed, content)

    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


async def test_deep_nesting_is_no_server_error(packed: AsyncClient) -> None:
    response = await send(packed, b"\x91" * 1000 + b"\xc0")

    assert response.status_code in (201, 400)  # the depth that Python converts differs


async def test_large_messages_are_refused(packed: AsyncClient) -> None:
    maps = b"\xdd" + MAX_BYTES.to_bytes(4) + b"\x80" * MAX_BYTES

    response = await send(packed, maps)

    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")


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


async def test_the_application_has_it(client: AsyncClient) -> None:
    response = await client.get("/health", headers={"accept": MEDIA_TYPE})

    assert ormsgpack.unpackb(response.content)["status"]
