"""A generated project with a queue: a service and workers, and proxies before its servers."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from tests.environment import Environment
from tests.live.fault_proxy import FaultProxy
from tests.live.server import CLIENT, PATIENCE, Server, serve, until
from tests.live.worker import Worker, work
from tests.services import POSTGRESQL, RABBITMQ, REDIS

LEASE = 5
"""Seconds. On a busy machine, a worker may do nothing for some of them, and loses no task."""
CONCURRENCY = 4
COMMAND = ("uvicorn", "extra:app", "--port", "{port}", "--no-access-log", "--workers", "2")

BODIES = '''
"""Tasks that note each start and each end; those on the queue `aside` are for some tests alone."""

import asyncio
import os
import signal
from pathlib import Path

{imports}


def note(what: str) -> None:
    with Path(os.environ["MARKS"]).open("a") as file:
        file.write(what + "\\n")


async def note_both(mark: str, seconds: float, gate: str) -> str:
    note(f"start {{mark}}")
    await asyncio.sleep(seconds)
    while gate and not Path(gate).exists():
        await asyncio.sleep(0.05)
    note(f"end {{mark}}")
    return mark


{hold}
@client_task()
async def hold(mark: str, seconds: float = 0, gate: str = "") -> str:
    return await note_both(mark, seconds, gate)


{hold_aside}
@client_task()
async def hold_aside(mark: str, seconds: float = 0, gate: str = "") -> str:
    return await note_both(mark, seconds, gate)


{poison}
@client_task()
async def poison() -> None:
    """Kill the worker with all of its processes."""
    note("poison")
    os.killpg(0, signal.SIGKILL)


{broken}
@client_task()
async def broken() -> None:
    note("broken")
    raise RuntimeError("broken")


{tick}
async def tick({tick_parameters}) -> None:
    note("tick")
'''
DECLARATIONS = {
    "procrastinate": {
        "imports": "from app.queue.arguments import client_task\n"
        "from app.queue.options import Backoff\nfrom app.tasks import tasks",
        "hold": '@tasks.task(name="hold", queue="main")',
        "hold_aside": '@tasks.task(name="hold_aside", queue="aside")',
        "poison": '@tasks.task(name="poison", queue="aside")',
        "broken": '@tasks.task(name="broken", queue="main", retry=Backoff(2, seconds=0.1))',
        "tick": '@tasks.periodic(cron="* * * * * *")\n@tasks.task(name="tick", queue="main")',
        "tick_parameters": "timestamp: int",
    },
    "celery": {
        "imports": "from app.queue.arguments import client_task\nfrom app.tasks import tasks\n\n"
        "aside = {'queue': 'aside'}\n"
        "tasks.conf.task_routes = {'hold_aside': aside, 'poison': aside}",
        "hold": '@tasks.task(name="hold", queue="main")',
        "hold_aside": '@tasks.task(name="hold_aside")',
        "poison": '@tasks.task(name="poison")',
        "broken": '@tasks.task(name="broken", queue="main", autoretry_for=(Exception,), '
        "max_retries=2, default_retry_delay=0.1)",
        "tick": 'tasks.add_periodic_task(1, tasks.signature("tick"))\n\n\n'
        '@tasks.task(name="tick", queue="main")',
        "tick_parameters": "",
    },
    "dramatiq": {
        "imports": "import dramatiq\n\nfrom app.queue.arguments import client_task",
        "hold": '@dramatiq.actor(actor_name="hold", queue_name="main")',
        "hold_aside": '@dramatiq.actor(actor_name="hold_aside", queue_name="aside")',
        "poison": '@dramatiq.actor(actor_name="poison", queue_name="aside")',
        "broken": '@dramatiq.actor(actor_name="broken", queue_name="main", max_retries=2, '
        "min_backoff=50)",
        "tick": '@dramatiq.actor(actor_name="tick", queue_name="main", periodic="* * * * * *")',
        "tick_parameters": "",
    },
}
# Routes whose task belongs to a write.
EXTRA = """
from app.api.deps import SessionDep
from app.core.routing import flatten_routes
from app.main import create_app
from app.queue.deps import QueueDep

app = create_app()


@app.post("/marks/{mark}")
async def put(mark: str, queue: QueueDep, session: SessionDep, then: str = "") -> str:
    task = await queue.enqueue(session, "hold", {"mark": mark})
    if then == "fail":
        raise RuntimeError("no luck")
    return task.task_id


flatten_routes(app)
"""


@dataclass(frozen=True)
class Case:
    """An engine, on one of the brokers that it works on."""

    engine: str
    broker: str = ""
    """Empty for an engine that works on the database."""

    def __str__(self) -> str:
        return f"{self.engine}-{self.broker}" if self.broker else self.engine


CASES = [
    Case("procrastinate"),
    *(
        Case(engine, broker)
        for engine in ("celery", "dramatiq")
        for broker in ("rabbitmq", "redis")
    ),
]


@dataclass(frozen=True)
class Running:
    """A project whose service runs in two processes, and the workers of its queue `main`."""

    project: Path
    environment: Environment
    variables: dict[str, str]
    proxies: dict[str, FaultProxy]
    """Before the `database`, and before the `broker` if there is one."""
    database: str
    marks: Path
    server: Server
    stack: ExitStack
    workers: list[Worker] = field(default_factory=list)

    def marked(self) -> Counter[str]:
        """How often each note was made."""
        return Counter(self.marks.read_text().splitlines() if self.marks.exists() else [])

    def enqueued_ticks(self) -> int:
        """How many were enqueued while nothing else was, whether they have run or not."""
        return self.ticks()[0]

    def ticks(self) -> tuple[int, int]:
        """How many were enqueued, and the second of the last one, or the present one.

        Schedulers of procrastinate enqueue the ticks that they have missed, as on a busy machine.
        """
        # Ticks of procrastinate have no row in `tasks`, and their jobs are deleted.
        statement = (
            "SELECT count(*), extract(epoch FROM now())::int FROM tasks WHERE name = 'tick'"
            if "broker" in self.proxies
            else """SELECT last_value, coalesce((SELECT max(defer_timestamp)
                FROM procrastinate_periodic_defers WHERE task_name = 'tick'
            ), extract(epoch FROM now()))::int FROM procrastinate_jobs_id_seq"""
        )
        count, second = POSTGRESQL.run(self.environment, statement, self.database)[0]
        return int(count), int(second)

    def has_workers(self, count: int) -> list[Worker]:
        """The workers of the queue `main`, after those that are missing were started."""
        missing = count - len(self.workers)
        self.workers.extend(self.stack.enter_context(self.working(missing, "main")))
        return self.workers

    @contextmanager
    def working(self, count: int, queue: str, **more: str) -> Iterator[list[Worker]]:
        """Workers that start at the same time."""
        variables = {**self.variables, **more}

        def start(stack: ExitStack) -> Worker:
            one = work(self.project, self.environment, variables, "--queues", queue)
            return stack.enter_context(one)

        with ExitStack() as stack, ThreadPoolExecutor(max(count, 1)) as pool:
            yield list(pool.map(start, [stack] * count))


@contextmanager
def running(
    case: Case, project: Path, environment: Environment, folder: Path, **more: str
) -> Iterator[Running]:
    """A running service with a new database, and a new place in its broker."""
    (project / "extra.py").write_text(EXTRA)
    tasks = BODIES.format(**DECLARATIONS[case.engine])
    (project / "app" / "tasks" / "extra.py").write_text(tasks)
    marks = folder / "marks"
    variables = {
        "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
        "QUEUE_LEASE_SECONDS": str(LEASE),
        "QUEUE_CONCURRENCY": str(CONCURRENCY),
        "QUEUE_POLL_SECONDS": "0.2",
        # The machine may be busy; what is tested is not how fast the servers are.
        "TASK_BROKER_TIMEOUT_SECONDS": "5",
        **dict.fromkeys(PATIENCE, "10"),
        "MARKS": str(marks),
        **more,
    }
    proxies: dict[str, FaultProxy] = {}
    with ExitStack() as stack:
        database = stack.enter_context(POSTGRESQL.database(environment))
        url = POSTGRESQL.url + database
        proxies["database"], variables["DATABASE_URL"] = _behind_proxy(stack, url)
        if case.broker == "redis":
            number = stack.enter_context(REDIS.database(environment))
            url = f"{REDIS.url.rpartition('/')[0]}/{number}"
        elif case.broker == "rabbitmq":
            url = f"{RABBITMQ.url}/{stack.enter_context(RABBITMQ.virtual_host())}"
        if case.broker:
            proxies["broker"], variables["TASK_BROKER_URL"] = _behind_proxy(stack, url)
        environment.migrate(project, variables)
        server = stack.enter_context(serve(project, environment, COMMAND, variables))
        yield Running(project, environment, variables, proxies, database, marks, server, stack)


def _behind_proxy(stack: ExitStack, url: str) -> tuple[FaultProxy, str]:
    parts = urlsplit(url)
    proxy = FaultProxy(parts.hostname or "127.0.0.1", parts.port or 0)
    stack.enter_context(proxy.running())
    user = parts.netloc.rpartition("@")
    netloc = f"{user[0]}{user[1]}127.0.0.1:{proxy.port}"
    return proxy, parts._replace(netloc=netloc).geturl()


def enqueue(server: Server, name: str, key: str | None = None, **args: Any) -> httpx2.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"name": name, "args": args}
    return CLIENT.post(f"{server.url}/api/v1/tasks", json=body, headers=headers)


def accepted(response: httpx2.Response) -> str:
    assert response.status_code == 202, response.text
    return str(response.json()["task_id"])


def accepted_at_last(server: Server, name: str, key: str, **args: Any) -> str:
    """The id of a task that is refused until the broker has answered again."""
    while (response := enqueue(server, name, key, **args)).status_code == 503:
        time.sleep(0.05)
    return accepted(response)


def look(server: Server, task_id: str) -> Any:
    return CLIENT.get(f"{server.url}/api/v1/tasks/{task_id}").json()


def ends_as(server: Server, task_id: str, status: str = "succeeded") -> Any:
    until(lambda: look(server, task_id).get("finished_at") is not None)
    found = look(server, task_id)
    assert found["status"] == status, found
    return found
