"""A request whose unit of work had to give way runs again, unseen by its client."""

from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Form

from app.core import rerun
from app.core.errors import TryAgain
from app.core.rerun import MAX_RUNS
from app.core.routing import flatten
from app.main import create_app
from app.schemas.base import Input
from app.settings import Settings
from tests.serving import serve


class Transfer(Input):
    amount: int


class Rival:
    """Takes the row away a few times."""

    def __init__(self, app: FastAPI, wins: int) -> None:
        router = APIRouter()
        self.app = app
        self.runs = 0

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
        flatten(app)

    def _compete(self, wins: int) -> None:
        self.runs += 1
        if self.runs <= wins:
            raise TryAgain("Somebody else was faster.")


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun, "SHORTEST_PAUSE", 0)


async def test_it_runs_again_with_what_was_sent(settings: Settings) -> None:
    rival = Rival(create_app(settings), wins=MAX_RUNS - 1)

    async with serve(rival.app) as client:
        response = await client.post("/transfers/7", json={"amount": 5})

    assert (response.status_code, response.json()) == (200, 12)
    assert rival.runs == MAX_RUNS


async def test_nothing_needs_to_be_sent(settings: Settings) -> None:
    rival = Rival(create_app(settings), wins=1)

    async with serve(rival.app) as client:
        response = await client.delete("/transfers/7")

    assert (response.status_code, rival.runs) == (200, 2)


async def test_there_is_an_end(settings: Settings) -> None:
    rival = Rival(create_app(settings), wins=MAX_RUNS)

    async with serve(rival.app) as client:
        response = await client.post("/transfers/7", json={"amount": 5})

    assert rival.runs == MAX_RUNS
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.json()["code"] == "unavailable"
    assert "x-request-id" in response.headers


async def test_what_cannot_be_read_again_is_the_client_s_to_repeat(settings: Settings) -> None:
    rival = Rival(create_app(settings), wins=1)

    async with serve(rival.app) as client:
        response = await client.post("/forms", data={"amount": "5"})

    assert (response.status_code, rival.runs) == (503, 1)
