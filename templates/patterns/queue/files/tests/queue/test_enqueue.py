"""A task is enqueued with the commit of a write."""

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.lifespan import lifespan
from app.queue.in_process import run_in_process
from app.queue.models import TaskRecord
from app.settings import Settings
from tests.waiting import until


async def test_a_rollback_enqueues_nothing(settings: Settings) -> None:
    async with lifespan(settings, run_in_process)(FastAPI()) as state:
        queue, database = state["queue"], state["database"]
        with pytest.raises(RuntimeError):
            async with database.session() as session:
                await queue.enqueue(session, "greet", {"name": "Bob"})
                raise RuntimeError
        async with database.session() as session:
            enqueued = await queue.enqueue(session, "greet", {"name": "Ann"})

        async def is_finished() -> bool:
            found = await queue.get(enqueued.task_id)
            return bool(found.result == "Hello Ann")

        assert await until(is_finished)
        total = select(func.count()).select_from(TaskRecord)
        assert await database.read_session().scalar(total) == 1
