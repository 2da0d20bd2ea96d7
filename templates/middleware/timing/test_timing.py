"""`Timing` sets a header and logs slow requests."""

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.middleware.timing import Timing


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    await StreamingResponse(iter(["first", "last"]))(scope, receive, send)


def client_of(slow_seconds: float) -> AsyncClient:
    transport = ASGITransport(Timing(stream, slow_seconds))
    return AsyncClient(transport=transport, base_url="http://test")


async def test_a_stream_has_the_header(caplog: pytest.LogCaptureFixture) -> None:
    async with client_of(1e9) as client:
        response = await client.get("/")

    assert response.text == "firstlast"
    assert float(response.headers["x-process-time-ms"]) >= 0
    assert "slow_request" not in caplog.text


async def test_slow_requests_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with client_of(0) as client:
        await client.get("/reports")

    assert "slow_request" in caplog.text
    assert "/reports" in caplog.text


async def test_the_application_has_it(client: AsyncClient) -> None:
    assert "x-process-time-ms" in (await client.get("/health")).headers
