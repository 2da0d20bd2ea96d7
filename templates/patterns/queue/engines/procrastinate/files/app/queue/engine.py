"""procrastinate: the application with the tasks of the project, and the jobs of enqueued tasks."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from procrastinate import App
from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job
from sqlalchemy import text

from app import tasks as package
from app.db.database import Database
from app.db.session import Session
from app.queue.arguments import TaskType
from app.queue.connectors import MemoryConnector, connect
from app.queue.jobs import HeldJobs
from app.queue.models import TaskRecord
from app.queue.options import Retries
from app.settings import Settings

RECORD = "_record"
"""The argument of a job that refers to the record of its task; the task does not see it."""

DEFER = text("""
SELECT (procrastinate_defer_jobs_v1(ARRAY[ROW(
  :queue, :name, :priority, CAST(:lock AS text), CAST(:queueing_lock AS text),
  CAST(:args AS jsonb), NULL
)::procrastinate_job_to_defer_v1]))[1]
""")


class Engine:
    """Enqueues jobs: in PostgreSQL, or after the commit in the memory of this process."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app = app
        self.in_memory = isinstance(app.connector, MemoryConnector)
        self.in_process = self.in_memory or bool(settings.queue_in_process)
        """Whether the service runs tasks itself."""
        self.types = {
            name: TaskType.of(task.func, skip=int(task.pass_context))
            for name, task in app.tasks.items()
            if name in package.tasks.tasks
        }

    async def send(self, session: Session, record: TaskRecord) -> None:
        """Enqueue a job with the commit of the session."""
        task = self.app.tasks[record.name]
        args = {**record.args, RECORD: record.reference}
        if self.in_memory:

            async def defer() -> None:
                await task.defer_async(**args)

            session.on_commit(defer)
            return
        values = {
            "queue": task.queue,
            "name": task.name,
            "priority": task.priority,
            "lock": task.lock,
            "queueing_lock": task.queueing_lock,
            "args": json.dumps(args),
        }
        record.job_id = str(await session.scalar(DEFER, values))


def reference_of(job: Job) -> dict[str, Any]:
    """The task, the owner and the trace of a job; one on a schedule has no record, and no id."""
    found: Any = job.task_kwargs.get(RECORD)
    return found or {"task_id": ""}


@asynccontextmanager
async def open_engine(settings: Settings, _database: Database) -> AsyncGenerator[Engine]:
    """The engine of an application, from its start to its end. It connects when it is used."""
    has_postgresql = settings.database_url.get_secret_value().startswith("postgresql")
    app = make_app(connect(settings) if has_postgresql else MemoryConnector())
    async with app.open_async():
        yield Engine(app, settings)


def make_app(connector: BaseConnector) -> App:
    """An application with all tasks of the project: every module of `app/tasks` is imported."""
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    app = App(connector=connector)
    if not isinstance(connector, MemoryConnector):
        app.job_manager = HeldJobs(connector)
    # Not by `add_tasks_from`: it would rename the tasks each time that an application is opened.
    app.tasks.update(package.tasks.tasks)
    app.periodic_registry = package.tasks.periodic_registry
    for task in package.tasks.tasks.values():
        task.blueprint = app
        task.retry_strategy = Retries.of(task.retry_strategy)
    return app
