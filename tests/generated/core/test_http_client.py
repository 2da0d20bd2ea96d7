"""Calls to other services: safe methods are retried, no others."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, ConnectError, MockTransport, Request, Response

from app.api.deps import HTTPClientDep
from app.core import http_client
from app.core.http_client import TIMEOUT_SECONDS, RetryTransport, open_http_client
from app.main import create_app
from app.settings import Settings
from tests.serving import serve


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "FIRST_PAUSE", 0)


class Service:
    """Another service, with what it answers in turn: a status, or None for a cut connection."""

    def __init__(self, *answers: int | None) -> None:
        self._answers = list(answers)
        self.client = AsyncClient(transport=RetryTransport(MockTransport(self._answer), retries=2))

    def _answer(self, request: Request) -> Response:
        status = self._answers.pop(0)
        if status is None:
            raise ConnectError("cut", request=request)
        return Response(status)

    async def call(self, method: str) -> tuple[int, int]:
        """The status of the answer, and how many answers are left."""
        response = await self.client.request(method, "https://other.example/")
        return response.status_code, len(self._answers)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_reads_are_tried_again(method: str) -> None:
    assert await Service(None, 503, 200).call(method) == (200, 0)


@pytest.mark.parametrize("status", [200, 404, 500])
async def test_an_answer_is_an_answer(status: int) -> None:
    assert await Service(status, 200).call("GET") == (status, 1)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_writes_are_sent_once(method: str) -> None:
    assert await Service(503, 200).call(method) == (503, 1)


async def test_there_is_an_end() -> None:
    assert await Service(502, 503, 504, 200).call("GET") == (504, 1)
    with pytest.raises(ConnectError):
        await Service(None, None, None, 200).call("GET")


async def test_each_step_of_a_call_has_a_limit() -> None:
    async with open_http_client() as client:
        assert client.timeout.read == TIMEOUT_SECONDS
    assert client.is_closed


async def test_routes_share_one_client(settings: Settings) -> None:
    app: FastAPI = create_app(settings)
    seen: list[AsyncClient] = []

    @app.get("/call")
    async def call(client: HTTPClientDep) -> None:
        seen.append(client)

    async with serve(app) as client:
        await client.get("/call")
        await client.get("/call")

    assert seen[0] is seen[1]
    assert seen[0].is_closed
