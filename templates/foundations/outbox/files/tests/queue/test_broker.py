"""A task passes through the broker, if TEST_TASK_BROKER_URL names one."""

from fastapi import FastAPI

from app.lifespan import lifespan
from app.queue.in_process import run_in_process
from app.settings import Settings
from tests.waiting import until


async def test_a_task_passes_through_the_broker(task_broker: str | None) -> None:
    async with lifespan(Settings(), run_in_process)(FastAPI()) as state:
        queue = state["queue"]
        assert queue.engine.has_broker is (task_broker is not None)
        async with state["database"].session() as session:
            enqueued = await queue.enqueue(session, "greet", {"name": "Ann"})

        async def is_finished() -> bool:
            found = await queue.get(enqueued.task_id)
            return bool(found.result == "Hello Ann")

        assert await until(is_finished)
