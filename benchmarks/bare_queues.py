"""The programs that `benchmarks.queue` compares: each engine by itself, and in a project.

They enqueue as many tasks, 10 at a time, and then run them, 10 at a time, in one process. With
WRITE set, the caller writes a row with each task that it enqueues, and each task writes one. With
RECORDS set, a bare engine also inserts a row of `tasks` for each task, and updates it when the task
starts and when it ends: the statements that a project has to make for a status over HTTP.
"""

COMMON = '''
import asyncio
import json
import os
from time import perf_counter

from sqlalchemy import text

TASKS = 500
INSERT = text("INSERT INTO notes (text) VALUES ('note')")
WRITES = bool(os.environ["WRITE"])


class Count:
    """Counts tasks that have run, in whichever thread."""

    done = 0
    all_done = asyncio.Event()
    loop = None

    @classmethod
    def one(cls):
        cls.loop.call_soon_threadsafe(cls._add)

    @classmethod
    def _add(cls):
        cls.done += 1
        if cls.done == TASKS:
            cls.all_done.set()


async def measure(enqueue, drain):
    Count.loop = asyncio.get_running_loop()
    await enqueue()  # it connects
    started = perf_counter()
    for _ in range(TASKS // 10):
        await asyncio.gather(*(enqueue() for _ in range(10)))
    enqueued = perf_counter()
    await drain()
    rates = [TASKS / (enqueued - started), TASKS / (perf_counter() - enqueued)]
    print(json.dumps(rates), flush=True)
'''
ROWS = '''
import os

from uuid import uuid4

from counting import INSERT, WRITES, Count, asyncio, measure
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

url = os.environ["DATABASE_URL"]
engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), pool_size=10)
RECORDS = bool(os.environ["RECORDS"])
ADD = text(
    "INSERT INTO tasks (task_id, name, args, status, progress, attempts, crashes, created_at, "
    "updated_at) VALUES (:id, 'bare', '{}', 'queued', 0, 0, 0, now(), now())"
)
START = text(
    "UPDATE tasks SET status = 'running', attempts = 1, updated_at = now() "
    "WHERE task_id = :id AND status = 'queued'"
)
FINISH = text(
    "UPDATE tasks SET status = 'succeeded', progress = 1, finished_at = now(), updated_at = now() "
    "WHERE task_id = :id AND status = 'running'"
)


async def add():
    """Write what belongs to a new task; its id."""
    task_id = uuid4().hex
    if WRITES or RECORDS:
        async with engine.begin() as connection:
            if WRITES:
                await connection.execute(INSERT)
            if RECORDS:
                await connection.execute(ADD, {"id": task_id})
    return task_id


async def record(statement, task_id):
    if RECORDS:
        async with engine.begin() as connection:
            await connection.execute(statement, {"id": task_id})


async def run(task_id):
    """What a task does."""
    await record(START, task_id)
    if WRITES:
        async with engine.begin() as connection:
            await connection.execute(INSERT)
    await record(FINISH, task_id)
    Count.one()
'''
BARE = {
    "procrastinate": f"""{ROWS}
from procrastinate import App, PsycopgConnector

app = App(connector=PsycopgConnector(conninfo=url, min_size=5, max_size=5))


@app.task(name="bare")
async def work(task_id):
    await run(task_id)


async def enqueue():
    await work.defer_async(task_id=await add())


async def drain():
    options = {{"concurrency": 10, "delete_jobs": "successful", "install_signal_handlers": False}}
    running = asyncio.create_task(app.run_worker_async(**options))
    await Count.all_done.wait()
    running.cancel()
    await asyncio.wait({{running}})


async def main():
    async with app.open_async():
        await measure(enqueue, drain)


asyncio.run(main())
""",
    "celery": f"""{ROWS}
from threading import Thread

from celery import Celery
from celery.worker import WorkController, state

broker = os.environ["TASK_BROKER_URL"]
is_rabbitmq = broker.startswith("amqp")
app = Celery("bare", broker=broker)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_default_queue="bare",
    task_default_queue_type="quorum" if is_rabbitmq else "classic",
    task_default_exchange_type="topic",
    broker_transport_options={{"confirm_publish": True}} if is_rabbitmq else {{}},
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
)


@app.task(name="bare")
def work(task_id):
    if WRITES or RECORDS:
        asyncio.run_coroutine_threadsafe(run(task_id), Count.loop).result()
    else:
        Count.one()


async def enqueue():
    await asyncio.to_thread(work.apply_async, [await add()])


async def drain():
    options = {{"pool_cls": "threads", "concurrency": 10, "queues": ["bare"]}}
    worker = WorkController(app=app, without_gossip=True, without_mingle=True, **options)
    Thread(target=worker.start, daemon=True).start()
    await Count.all_done.wait()
    state.should_stop = 0


asyncio.run(measure(enqueue, drain))
os._exit(0)
""",
    "dramatiq": f"""{ROWS}
import dramatiq
from dramatiq.asyncio import EventLoopThread, set_event_loop_thread
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker

broker = os.environ["TASK_BROKER_URL"]
if broker.startswith("amqp"):
    dramatiq.set_broker(RabbitmqBroker(url=broker, confirm_delivery=True))
else:
    dramatiq.set_broker(RedisBroker(url=broker))


@dramatiq.actor(actor_name="bare", queue_name="bare")
async def work(task_id):
    await run(task_id)


async def enqueue():
    await asyncio.to_thread(work.send, await add())


async def drain():
    # The loop of the application: the connections of `run` are in it.
    thread = EventLoopThread(None)
    thread.loop = Count.loop
    set_event_loop_thread(thread)
    dramatiq.Worker(dramatiq.get_broker(), worker_threads=10).start()
    await Count.all_done.wait()


async def main():
    await measure(enqueue, drain)
    os._exit(0)


asyncio.run(main())
""",
}
"""A program for each engine."""

GENERATED = """
from counting import INSERT, WRITES, Count, asyncio, measure
from fastapi import FastAPI

from app.lifespan import lifespan
from app.queue.engine_worker import run_engine
from app.settings import Settings


async def main():
    async with lifespan(Settings())(FastAPI()) as state:
        async def enqueue():
            async with state["database"].session() as session:
                if WRITES:
                    await session.execute(INSERT)
                await state["queue"].enqueue(session, "work")

        async def drain():
            stopping = asyncio.Event()
            running = asyncio.create_task(run_engine(state, stopping, grace=20))
            await Count.all_done.wait()
            stopping.set()
            await running

        await measure(enqueue, drain)


asyncio.run(main())
"""
TASK = '''
"""A task that does nothing, or writes a row."""

from counting import INSERT, WRITES, Count

from app.queue.current import current_task
DECORATOR
async def work() -> None:
    if WRITES:
        async with current_task().state["database"].session() as session:
            await session.execute(INSERT)
    Count.one()
'''
OF_TASKS = '\nfrom app.tasks import tasks\n\n\n@tasks.task(name="work")'
DECORATORS = {
    "procrastinate": OF_TASKS,
    "celery": OF_TASKS,
    "dramatiq": '\nimport dramatiq\n\n\n@dramatiq.actor(actor_name="work")',
}
