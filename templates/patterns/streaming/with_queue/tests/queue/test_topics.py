"""A task publishes to a topic as a request does."""

import pytest
from fastapi import FastAPI

from app.lifespan import lifespan
from app.settings import Settings
from app.workers.running import run_beside
from tests.streaming.topics import following, ids


@pytest.mark.usefixtures("tasks_of_tests")
async def test_who_follows_hears_it(settings: Settings) -> None:
    async with (
        lifespan(settings, run_beside)(FastAPI()) as state,
        following(state["topics"]) as chunks,
    ):
        task = await state["queue"].enqueue("publish")
        heard = await ids(chunks, 1)
        changes = [chunk async for chunk in state["task_changes"].follow(task)]

    assert f'"result":"{heard[0]}"'.encode() in changes[-1]
