"""Slow requests are cancelled, unless the response has started."""

import asyncio
import math
from collections.abc import AsyncGenerator

import pytest
from anyio import current_effective_deadline
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.timeout import Timeout
from app.settings import Settings
from tests.serving import application

FOREVER = 1e9


def client_of(app: ASGIApp, seconds: float) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(Timeout(app, seconds)), base_url="http://test")


async def test_it_is_stopped(caplog: pytest.LogCaptureFixture) -> None:
    stopped = []

    async def hang(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.sleep(FOREVER)
        finally:
            stopped.append(scope["path"])

    async with client_of(hang, 0.001) as client:
        response = await client.get("/slow")

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response.headers["retry-after"] == "1"
    assert stopped == ["/slow"]
    assert "request_timed_out" in caplog.text


async def test_a_response_that_is_ready_as_the_time_ends_is_not_sent() -> None:
    async def send_late(_scope: Scope, _receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        is_ready: asyncio.Future[None] = loop.create_future()
        # In the same turn of the event loop.
        loop.call_at(current_effective_deadline() - 1e-7, is_ready.set_result, None)
        await is_ready
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(FOREVER)

    async with client_of(send_late, 0.01) as client:
        response = await client.get("/")

    assert response.status_code == 503


async def test_a_stream_goes_on() -> None:
    """Once the answer has begun, there is no limit any more."""
    deadlines = []

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        async def parts() -> AsyncGenerator[str]:
            for part in ("first", "last"):
                deadlines.append(current_effective_deadline())
                yield part

        deadlines.append(current_effective_deadline())
        await StreamingResponse(parts())(scope, receive, send)

    async with client_of(stream, FOREVER) as client:
        response = await client.get("/")

    assert response.text == "firstlast"
    assert deadlines[0] < math.inf
    assert deadlines[1:] == [math.inf, math.inf]


async def test_websockets_are_unchanged() -> None:
    seen: list[str] = []

    async def greet(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        seen.append(message["type"])

    await Timeout(greet, 0)({"type": "websocket"}, receive, send)

    assert seen == ["websocket"]


def test_the_application_has_it(settings: Settings) -> None:
    classes: list[object] = [each.cls for each in application(settings).user_middleware]

    assert Timeout in classes
