"""Tasks that succeed, fail, refuse, hang, and depend on things."""

import asyncio
import threading

from app.core.errors import Conflict
from app.core.queue.task import task
from app.core.queue.taskiq import RunDep
from app.models.outbox import OutboxMessage
from app.repositories.outbox import OutboxRepository
from app.schemas.base import Input
from app.workers.dependencies.database import ReadSessionDep, SessionDep
from app.workers.dependencies.settings import SettingsDep


class Greeting(Input):
    name: str


@task(exposed=True)
async def greet(args: Greeting, run: RunDep, settings: SettingsDep) -> str:
    await run.report(0.5)
    return f"Hello {args.name}, this is {settings.environment}, attempt {run.task.attempts}."


@task(exposed=True, retries=1, backoff=0)
async def fail() -> None:
    raise ValueError("no luck")


@task(exposed=True)
async def refuse() -> None:
    raise Conflict("Never.")


@task(exposed=True, retries=0, timeout=0.01)
async def hang() -> None:
    await asyncio.Event().wait()


@task(exposed=True, scopes=["reports:read"])
async def report() -> None:
    """What a caller needs a scope for that nobody has."""


@task()
def think() -> bool:
    return threading.current_thread() is not threading.main_thread()


@task(queue="high", cron="*/5 * * * *")
async def tidy() -> None:
    """What goes by the clock."""


class Writing(Input):
    fails: bool


@task()
async def write(args: Writing, session: SessionDep, reads: ReadSessionDep) -> int:
    """How many rows others see before the commit."""
    message = OutboxMessage(task_id="0", name="greet", queue="default", args="{}")
    await OutboxRepository(session).add(message)
    if args.fails:
        raise ValueError("no luck")
    return len(await OutboxRepository(reads).list_after(0, 10))
