"""Tasks in and out of Redis, against bare taskiq: `python -m benchmarks.queue`.

It uses keys of its own on 127.0.0.1:6379, and removes them at the end. Bare taskiq keeps results
too, but no records, no keys of clients, and no leases that are renewed.
"""

import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.rounds import interleaved, ratio
from benchmarks.tables import publish
from tests.environment import Environment, prepare
from tests.services import REDIS
from tests.support import generate

ROUNDS = 5
DISTRIBUTIONS = ["taskiq", "taskiq-redis", "redis", "hiredis"]

# Both enqueue as many tasks, 50 at a time, and then run them, 10 at a time, in one process.
COMMON = """
import asyncio
import json
from time import perf_counter

TASKS = 1000


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
    for _ in range(TASKS // 50):
        await asyncio.gather(*(enqueue() for _ in range(50)))
    enqueued = perf_counter()
    await drain()
    print(json.dumps([TASKS / (enqueued - started), TASKS / (perf_counter() - enqueued)]))
"""
BARE = """
import os

from counting import Count, asyncio, measure
from taskiq.receiver import Receiver
from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

url, name = os.environ["REDIS_URL"], os.environ["REDIS_PREFIX"]
broker = RedisStreamBroker(url, queue_name=f"{name}:bare", consumer_id="0").with_result_backend(
    RedisAsyncResultBackend(url, result_ex_time=3600, prefix_str=f"{name}:result")
)


@broker.task
async def work() -> None:
    Count.one()


async def drain():
    finish = asyncio.Event()
    receiver = Receiver(broker, max_async_tasks=10, run_startup=False)
    running = asyncio.create_task(receiver.listen(finish))
    await Count.all_done.wait()
    finish.set()
    await running


async def main():
    await broker.startup()
    await measure(work.kiq, drain)
    await broker.shutdown()


asyncio.run(main())
"""
GENERATED = """
from counting import Count, asyncio, measure
from fastapi import FastAPI

from app.lifespan import lifespan
from app.settings import Settings
from app.workers.running import run_parts


async def main():
    async with lifespan(Settings())(FastAPI()) as state:
        async def drain():
            stopping = asyncio.Event()
            running = asyncio.create_task(run_parts(state, stopping, grace=20, parts=["worker"]))
            await Count.all_done.wait()
            stopping.set()
            await running

        await measure(lambda: state["queue"].enqueue("work"), drain)


asyncio.run(main())
"""
TASK = '''
"""A task that does nothing."""

from counting import Count

from app.core.queue.task import task


@task()
async def work() -> None:
    Count.one()
'''


def main() -> None:
    with TemporaryDirectory() as name:
        project = generate(Path(name), patterns=("queue",))
        _add_programs(project)
        environment = prepare(project)
        about = f"{description(environment.python, DISTRIBUTIONS)}, Redis on the same machine."
        pin(os.getpid(), CLIENT_CORE)
        with REDIS.keys(environment) as prefix:
            programs = {"bare": "bare.py", "again": "bare.py", "generated": "generated.py"}
            found = interleaved(
                {
                    name: partial(_rates, project, environment, program, prefix)
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
        publish("queue", about, ["what", "rate / bare taskiq", "noise: bare / bare"], rows)


def _add_programs(project: Path) -> None:
    requirements = project / "pyproject.toml"
    text = requirements.read_text("utf-8")
    requirements.write_text(text.replace('"taskiq>=', '"taskiq-redis>=1.2",\n    "taskiq>=', 1))
    for path, program in {
        "counting.py": COMMON,
        "bare.py": BARE,
        "generated.py": GENERATED,
        "app/workers/tasks/work.py": TASK,
    }.items():
        (project / path).write_text(program)


def _rates(
    project: Path, environment: Environment, program: str, prefix: str
) -> tuple[float, float]:
    """Tasks in a second: in, and out. Each run has keys of its own."""
    variables: Mapping[str, str] = {
        "REDIS_URL": REDIS.url,
        "REDIS_PREFIX": f"{prefix}:{uuid4().hex[:8]}",
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": "only-for-benchmarks-0123456789-abcdefgh",
    }
    result = environment.run("python", program, cwd=project, env=variables)
    if result.code:
        raise RuntimeError(result.err)
    into, out = json.loads(result.out.splitlines()[-1])
    return into, out


if __name__ == "__main__":
    main()
