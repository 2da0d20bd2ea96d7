"""Tasks in and out of the queue, against the bare engine: `python -m benchmarks.queue`.

It uses a database of its own on PostgreSQL, and drops it at the end. The bare engine keeps no
records: it knows no results, owners or keys of clients.
"""

import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.rounds import interleaved, ratio
from benchmarks.tables import publish
from tests.environment import Environment, prepare
from tests.services import POSTGRESQL
from tests.support import generate

ROUNDS = 5
DISTRIBUTIONS = ["procrastinate", "psycopg", "asyncpg", "sqlalchemy"]

# Both enqueue as many tasks, 10 at a time, and then run them, 10 at a time, in one process.
COMMON = """
import asyncio
import json
from time import perf_counter

TASKS = 500


class Count:
    done = 0
    all_done = asyncio.Event()

    @classmethod
    def one(cls):
        cls.done += 1
        if cls.done == TASKS:
            cls.all_done.set()


async def measure(enqueue, drain):
    started = perf_counter()
    for _ in range(TASKS // 10):
        await asyncio.gather(*(enqueue() for _ in range(10)))
    enqueued = perf_counter()
    await drain()
    print(json.dumps([TASKS / (enqueued - started), TASKS / (perf_counter() - enqueued)]))
"""
BARE = """
import os

from counting import Count, asyncio, measure
from procrastinate import App, PsycopgConnector

url = os.environ["DATABASE_URL"]
app = App(connector=PsycopgConnector(conninfo=url, min_size=5, max_size=5))


@app.task(name="bare")
async def work() -> None:
    Count.one()


async def drain():
    options = {"concurrency": 10, "delete_jobs": "successful", "install_signal_handlers": False}
    running = asyncio.create_task(app.run_worker_async(**options))
    await Count.all_done.wait()
    running.cancel()
    await asyncio.wait({running})


async def main():
    async with app.open_async():
        await measure(work.defer_async, drain)


asyncio.run(main())
"""
GENERATED = """
from counting import Count, asyncio, measure
from fastapi import FastAPI

from app.lifespan import lifespan
from app.queue.running import run_tasks
from app.settings import Settings


async def main():
    async with lifespan(Settings())(FastAPI()) as state:
        async def enqueue():
            async with state["database"].session() as session:
                await state["queue"].enqueue(session, "work")

        async def drain():
            stopping = asyncio.Event()
            running = asyncio.create_task(run_tasks(state, stopping, grace=20))
            await Count.all_done.wait()
            stopping.set()
            await running

        await measure(enqueue, drain)


asyncio.run(main())
"""
TASK = '''
"""A task that does nothing."""

from counting import Count

from app.tasks import tasks


@tasks.task(name="work")
async def work() -> None:
    Count.one()
'''


def main() -> None:
    with TemporaryDirectory() as name:
        project = generate(Path(name), patterns=("queue",))
        for path, program in {
            "counting.py": COMMON,
            "bare.py": BARE,
            "generated.py": GENERATED,
            "app/tasks/work.py": TASK,
        }.items():
            (project / path).write_text(program)
        environment = prepare(project)
        about = f"{description(environment.python, DISTRIBUTIONS)}, PostgreSQL on the same machine."
        pin(os.getpid(), CLIENT_CORE)
        with POSTGRESQL.database(environment) as database:
            variables = {
                "DATABASE_URL": f"postgresql://postgres@127.0.0.1/{database}",
                "LOG_LEVEL": "WARNING",
                "SECRET_KEY": "only-for-benchmarks-0123456789-abcdefgh",
            }
            environment.migrate(project, variables)
            programs = {"bare": "bare.py", "again": "bare.py", "generated": "generated.py"}
            found = interleaved(
                {
                    name: partial(_rates, project, environment, program, variables)
                    for name, program in programs.items()
                },
                ROUNDS,
            )
        rows = []
        for number, what in enumerate(("tasks enqueued", "tasks run")):
            rates = {name: [each[number] for each in rounds] for name, rounds in found.items()}
            rows.append(
                [
                    what,
                    f"{ratio(rates['generated'], rates['bare']):.2f}",
                    f"{ratio(rates['again'], rates['bare']):.2f}",
                ]
            )
        publish("queue", about, ["what", "rate / bare procrastinate", "noise: bare / bare"], rows)


def _rates(
    project: Path, environment: Environment, program: str, variables: Mapping[str, str]
) -> tuple[float, float]:
    """Tasks in a second: in, and out."""
    result = environment.run("python", program, cwd=project, env=variables)
    if result.code:
        raise RuntimeError(result.err)
    into, out = json.loads(result.out.splitlines()[-1])
    return into, out


if __name__ == "__main__":
    main()
