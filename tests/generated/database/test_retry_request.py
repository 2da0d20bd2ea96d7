"""A request whose transaction conflicts with another one is retried."""

from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Form

from app.api import retry_request
from app.api.retry_request import MAX_ATTEMPTS
from app.core.routing import flatten_routes
from app.db.errors import TransactionConflict
from app.main import create_app
from app.schemas.base import Input
from app.settings import Settings
from tests.serving import serve


class Transfer(Input):
    amount: int


class Rival:
    """A concurrent transaction that wins a few times."""

    def __init__(self, app: FastAPI, wins: int) -> None:
        router = APIRouter()
        self.app = app
        self.attempts = 0

        @router.post("/transfers/{number}")
        async def transfer(number: int, data: Transfer) -> int:
            self._compete(wins)
            return number + data.amount

        @router.delete("/transfers/{number}")
        async def undo(number: int) -> int:
            self._compete(wins)
            return number

        @router.post("/forms")
        async def take_form(amount: Annotated[int, Form()]) -> int:
            self._compete(wins)
            return amount

        app.include_router(router)
        flatten_routes(app)

    def _compete(self, wins: int) -> None:
        self.attempts += 1
        if self.attempts <= wins:
            raise TransactionConflict("A concurrent transaction won.")


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_request, "FIRST_PAUSE", 0)


async def test_the_body_is_read_again(settings: Settings) -> None:
    rival = Rival(create_app(settings), wins=MAX_ATTEMPTS - 1)

    async with serve(rival.app) as client:
        response = await client.post("/transfers/7", json={"amount": 5})

    assert (response.status_code, response.json()) == (200, 12)
    assert rival.attempts == MAX_ATTEMPTS


async def test_a_request_without_a_body(settings: Settings) -> None:
    rival = Rival(create_app(settings), wins=1)

    async with serve(rival.app) as client:
        response = await client.delete("/transfers/7")

    assert (response.status_code, rival.attempts) == (200, 2)


async def test_the_last_attempt(settings: Settings) -> None:
    rival = Rival(create_app(settings), wins=MAX_ATTEMPTS)

    async with serve(rival.app) as client:
        response = await client.post("/transfers/7", json={"amount": 5})

    assert rival.attempts == MAX_ATTEMPTS
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.json()["code"] == "unavailable"
    assert "x-request-id" in response.headers


async def test_a_form_cannot_be_read_again(settings: Settings) -> None:
    rival = Rival(create_app(settings), wins=1)

    async with serve(rival.app) as client:
        response = await client.post("/forms", data={"amount": "5"})

    assert (response.status_code, rival.attempts) == (503, 1)
