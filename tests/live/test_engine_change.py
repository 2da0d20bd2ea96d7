"""Tasks that wait when the engine of the queue is changed: workers of the new one run them."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from fastgen.planning.plan_patterns import plan_add_patterns
from fastgen.project.state import read_state
from fastgen.transaction import apply
from tests.environment import prepare
from tests.live.server import until
from tests.live.worker import work
from tests.services import POSTGRESQL, RABBITMQ, REDIS
from tests.support import generate

ENQUEUE = """
import asyncio

from fastapi import FastAPI

from app.lifespan import lifespan
from app.settings import get_settings


async def enqueue():
    async with lifespan(get_settings())(FastAPI()) as state, state["database"].session() as session:
        await state["queue"].enqueue(session, "export_items")


asyncio.run(enqueue())
"""
STATUS = "SELECT status FROM tasks"
# As after a worker that was stopped by force.
INTERRUPT = "UPDATE tasks SET status = 'running', attempts = 1"


@pytest.mark.parametrize("interrupted", [False, True], ids=["waiting", "running"])
@pytest.mark.parametrize(
    ("old", "new"), [("procrastinate", "dramatiq"), ("dramatiq", "procrastinate")]
)
def test_tasks_of_the_old_engine_are_run(
    tmp_path: Path, old: str, new: str, interrupted: bool
) -> None:
    check_change(tmp_path, old, new, interrupted=interrupted)


@pytest.mark.parametrize(("old", "new"), [("celery", "dramatiq"), ("dramatiq", "celery")])
def test_the_virtual_host_of_the_old_engine_stays(tmp_path: Path, old: str, new: str) -> None:
    """The queues of the old engine are of another type than those of the new one."""
    with RABBITMQ.virtual_host() as host:
        check_change(tmp_path, old, new, broker=f"{RABBITMQ.url}/{host}")


def test_tasks_that_wait_survive_the_tables_of_procrastinate(tmp_path: Path) -> None:
    """A downgrade drops the jobs of tasks; after the upgrade they get others."""
    project = generate(tmp_path, patterns=("queue",))
    environment = prepare(project)
    with POSTGRESQL.database(environment) as database:
        variables = {"DATABASE_URL": POSTGRESQL.url + database, "QUEUE_LEASE_SECONDS": "2"}
        environment.migrate(project, variables)
        result = environment.run("python", "-c", ENQUEUE, cwd=project, env=variables)
        assert result.code == 0, result.err
        environment.alembic(project, "downgrade d41b7c05e96a", env=variables)
        environment.migrate(project, variables)

        with work(project, environment, variables):

            def status() -> str:
                return str(POSTGRESQL.run(environment, STATUS, database)[0][0])

            until(lambda: status() not in ("queued", "running"))
            assert status() == "succeeded"


def check_change(
    folder: Path, old: str, new: str, *, interrupted: bool = False, broker: str = ""
) -> None:
    """Enqueue a task by the old engine, and wait until a worker of the new one has run it.

    Args:
        folder: for the project.
        old: engine.
        new: engine.
        interrupted: whether a worker of the old engine was stopped while it ran the task.
        broker: of both; without one, dramatiq gets a database of Redis as the new engine.
    """
    project = generate(folder, patterns=("queue",), queue=old)
    environment = prepare(project)
    with ExitStack() as stack:
        database = stack.enter_context(POSTGRESQL.database(environment))
        variables = {
            "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
            "DATABASE_URL": POSTGRESQL.url + database,
            "TASK_BROKER_URL": broker,
            "QUEUE_LEASE_SECONDS": "2",
        }
        environment.migrate(project, variables)
        result = environment.run("python", "-c", ENQUEUE, cwd=project, env=variables)
        assert result.code == 0, result.err
        if interrupted:
            POSTGRESQL.run(environment, INTERRUPT, database)

        apply(project, plan_add_patterns(project, read_state(project), ("queue",), new).changes)
        environment = prepare(project)
        environment.migrate(project, variables)
        if new == "dramatiq" and not broker:
            number = stack.enter_context(REDIS.database(environment))
            variables["TASK_BROKER_URL"] = f"{REDIS.url.rpartition('/')[0]}/{number}"
        stack.enter_context(work(project, environment, variables))

        def status() -> str:
            return str(POSTGRESQL.run(environment, STATUS, database)[0][0])

        until(lambda: status() not in ("queued", "running"))
        assert status() == "succeeded"
