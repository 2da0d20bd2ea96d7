"""The sweep takes jobs of workers that have ended, and of no others."""

import asyncio

import pytest
from fastapi import FastAPI

from app.core.errors import Unavailable
from app.lifespan import State, lifespan
from app.queue.runner import Runner
from app.queue.sweep import keep_sweeping
from app.settings import Settings
from tests.waiting import until


async def test_after_an_outage_workers_have_time_for_a_heartbeat(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None has come meanwhile, and none of them has ended."""
    events: list[str] = []
    answers: list[Exception | None] = [None, Unavailable("It does not answer."), *[None] * 4]

    async def probe(_database: object) -> None:
        answer = answers.pop(0) if answers else None
        events.append("outage" if answer else "answer")
        if answer:
            raise answer

    async def sweep(_state: State) -> None:
        events.append("sweep")

    settings = settings.model_copy(update={"queue_lease_seconds": 0.03})
    async with lifespan(settings)(FastAPI()) as state:
        monkeypatch.setattr(type(state["database"]), "probe", probe)
        monkeypatch.setattr("app.queue.sweep.sweep", sweep)
        state["queue"].engine.in_memory = False
        sweeping = asyncio.create_task(keep_sweeping(state, Runner(state)))
        await until(lambda: not answers and events[-1] == "sweep")
        sweeping.cancel()
        await asyncio.wait({sweeping})

    after_the_start = ["answer", "sweep", "outage"]
    assert events[:8] == [*after_the_start, "answer", "answer", "answer", "answer", "sweep"]
