"""A generated project with a queue, a database of its own, and a proxy before its broker."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.environment import Environment
from tests.live.fault_proxy import FaultProxy
from tests.live.server import Server, serve, until
from tests.live.worker import work
from tests.services import POSTGRESQL

LEASE = 2

BODIES = '''
"""Tasks that note each start and each end."""

import asyncio
import os
import signal
from pathlib import Path

{imports}


def note(what: str) -> None:
    with Path(os.environ["MARKS"]).open("a") as file:
        file.write(what + "\\n")


{hold}
@client_task()
async def hold(mark: str, seconds: float = 0, gate: str = "") -> str:
    note(f"start {{mark}}")
    await asyncio.sleep(seconds)
    while gate and not Path(gate).exists():
        await asyncio.sleep(0.05)
    note(f"end {{mark}}")
    return mark


{poison}
@client_task()
async def poison() -> None:
    note("poison")
    os.kill(os.getpid(), signal.SIGKILL)


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
        "from app.queue.retries import Backoff\nfrom app.tasks import tasks",
        "hold": '@tasks.task(name="hold")',
        "poison": '@tasks.task(name="poison")',
        "broken": '@tasks.task(name="broken", retry=Backoff(retries=2, seconds=0.1))',
        "tick": '@tasks.periodic(cron="* * * * * *")\n@tasks.task(name="tick", queue="ticks")',
        "tick_parameters": "timestamp: int",
    },
}
# Routes whose task belongs to a write.
EXTRA = """
from app.api.deps import SessionDep
from app.core.routing import flatten
from app.main import create_app
from app.queue.deps import QueueDep

app = create_app()


@app.post("/marks/{mark}")
async def put(mark: str, queue: QueueDep, session: SessionDep, then: str = "") -> str:
    task = await queue.enqueue(session, "hold", {"mark": mark})
    if then == "fail":
        raise RuntimeError("no luck")
    return task.task_id


flatten(app)
"""
COMMAND = ("uvicorn", "extra:app", "--port", "{port}", "--no-access-log")
TWO_WORKERS = (*COMMAND, "--workers", "2")


@dataclass(frozen=True)
class Setting:
    """A project, and what its processes are started with."""

    project: Path
    environment: Environment
    proxy: FaultProxy
    variables: dict[str, str]
    marks: Path

    def marked(self) -> Counter[str]:
        """How often each note was made."""
        return Counter(self.marks.read_text().splitlines() if self.marks.exists() else [])

    def serving(self, command: tuple[str, ...] = COMMAND, **more: str) -> Any:
        return serve(self.project, self.environment, command, {**self.variables, **more})

    def working(self, *options: str, **more: str) -> Any:
        options = options or ("--queues", "default")
        return work(self.project, self.environment, {**self.variables, **more}, *options)


@contextmanager
def setting_of(
    engine: str, project: Path, environment: Environment, folder: Path
) -> Iterator[Setting]:
    """A setting with a new database; the proxy is before the server that the engine works on."""
    (project / "extra.py").write_text(EXTRA)
    tasks = BODIES.format(**DECLARATIONS[engine])
    (project / "app" / "tasks" / "extra.py").write_text(tasks)
    proxy = FaultProxy("127.0.0.1", 5432)
    with POSTGRESQL.database(environment) as database, proxy.running():
        marks = folder / "marks"
        variables = {
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{proxy.port}/{database}",
            "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
            "QUEUE_LEASE_SECONDS": str(LEASE),
            "MARKS": str(marks),
        }
        environment.migrate(project, variables)
        yield Setting(project, environment, proxy, variables, marks)


def enqueue(server: Server, name: str, key: str | None = None, **args: Any) -> httpx2.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"name": name, "args": args}
    return httpx2.post(f"{server.url}/api/v1/tasks", json=body, headers=headers, timeout=30)


def accepted(response: httpx2.Response) -> str:
    assert response.status_code == 202, response.text
    return str(response.json()["task_id"])


def look(server: Server, task_id: str) -> Any:
    return httpx2.get(f"{server.url}/api/v1/tasks/{task_id}", timeout=30).json()


def ends_as(server: Server, task_id: str, status: str = "succeeded") -> Any:
    until(lambda: look(server, task_id).get("status") == status)
    return look(server, task_id)
