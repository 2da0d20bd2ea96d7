"""A task speaks in a room as a request does."""

import pytest
from fastapi import FastAPI

from app.lifespan import lifespan
from app.settings import Settings
from app.workers.running import run_beside
from tests.sockets.visitors import entering, visiting


@pytest.mark.usefixtures("tasks_of_tests")
async def test_who_is_in_it_hears_it(settings: Settings) -> None:
    async with (
        lifespan(settings, run_beside)(FastAPI()) as state,
        visiting(entering(state["hub"], "ann")) as visitor,
    ):
        await visitor.members("ann")
        await state["queue"].enqueue("speak")
        heard = await visitor.next("message")

    assert (heard["room"], heard["sender"], heard["text"]) == ("lobby", "a task", "hi")
