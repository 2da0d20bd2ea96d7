"""Tasks of a worker process, heard and followed by clients of two others; on each engine."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.environment import Environment, prepare
from tests.live.queue_project import LEASE
from tests.live.realtime import Workers, set_constants, working
from tests.live.server import CLIENT, Server
from tests.live.sockets import entering, hear
from tests.live.worker import Worker, work
from tests.matrix.combinations import ALL
from tests.services import POSTGRESQL, REDIS
from tests.support import generate

TASKS = '''
"""Tasks that other processes hear of."""

import asyncio
import os
from pathlib import Path

IMPORTS
from app.queue.arguments import client_task
from app.queue.current import current_task


DECORATOR="tell")
@client_task()
async def tell() -> int:
    state = current_task().state
    await state["topics"].publish("news", "told", {"by": os.getpid()})
    await state["rooms"].publish("lobby", "a task", f"hello from {os.getpid()}")
    return os.getpid()


DECORATOR="walk")
@client_task()
async def walk(gate: str) -> str:
    """Goes on by a step for each file that appears."""
    for step in (1, 2):
        while not Path(f"{gate}-{step}").exists():
            await asyncio.sleep(0.02)
        await current_task().report(step / 4)
    while not Path(f"{gate}-3").exists():
        await asyncio.sleep(0.02)
    return "there"
'''
OF_TASKS = ("from app.tasks import tasks", "@tasks.task(name")
DECLARATIONS = {
    "procrastinate": OF_TASKS,
    "celery": OF_TASKS,
    "dramatiq": ("import dramatiq", "@dramatiq.actor(actor_name"),
}
TASK_URL = "/api/v1/tasks"
SETTINGS = {"QUEUE_IN_PROCESS": "false"}
PATIENCE = 60


@pytest.fixture(scope="module", params=DECLARATIONS)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def project(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    patterns = ("queue", "streaming", "websockets")
    project = generate(tmp_path_factory.mktemp("meeting"), patterns=patterns, queue=engine)
    imports, decorator = DECLARATIONS[engine]
    tasks = TASKS.replace("IMPORTS", imports).replace("DECORATOR", decorator)
    (project / "app" / "tasks" / "extra.py").write_text(tasks)
    # What is heard is heard because it was told, not since somebody looked.
    set_heartbeat(project, 3600)
    set_constants(project / "app/queue/models.py", MAX_CRASHES=1)
    return project


def set_heartbeat(project: Path, seconds: int) -> None:
    set_constants(project / "app/realtime/streams.py", HEARTBEAT_SECONDS=seconds)


@pytest.fixture(scope="module")
def environment(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """That of the fullest project with the engine, which other tests use too."""
    return prepare(generate(tmp_path_factory.mktemp("full"), patterns=ALL[-1], queue=engine))


@pytest.fixture(scope="module")
def settings(project: Path, engine: str, environment: Environment) -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        database = stack.enter_context(POSTGRESQL.database(environment))
        settings = {**SETTINGS, "DATABASE_URL": POSTGRESQL.url + database}
        if engine != "procrastinate":
            number = stack.enter_context(REDIS.database(environment))
            settings["TASK_BROKER_URL"] = f"{REDIS.url.rpartition('/')[0]}/{number}"
        environment.migrate(project, settings)
        yield settings


@pytest.fixture(scope="module")
def services(
    project: Path, environment: Environment, settings: dict[str, str]
) -> Iterator[Workers]:
    with working(project, environment, settings) as services:
        yield services


@pytest.fixture
def worker(project: Path, environment: Environment, services: Workers) -> Iterator[Worker]:
    with work(project, environment, services.variables) as worker:
        yield worker


def enqueue(server: Server, name: str, **args: str) -> str:
    """The path of a new task."""
    answer = CLIENT.post(f"{server.url}{TASK_URL}", json={"name": name, "args": args}, timeout=60)
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"])


@asynccontextmanager
async def events(server: Server, path: str) -> AsyncIterator[AsyncIterator[Any]]:
    """The data of the events of a stream that is open."""
    async with (
        asyncio.timeout(PATIENCE),
        httpx2.AsyncClient(base_url=server.url, timeout=PATIENCE) as client,
        client.stream("GET", path) as response,
    ):
        assert response.status_code == 200

        async def data() -> AsyncIterator[Any]:
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))
                elif line.startswith(": "):
                    yield line

        yield data()


def test_tasks_reach_followers_and_rooms(services: Workers, worker: Worker) -> None:
    async def run() -> None:
        for server in services.servers:
            async with (
                events(server, "/api/v1/events/news") as news,
                entering(server) as visitor,
            ):
                assert await anext(news) == ": open"
                location = enqueue(services.servers[0], "tell")
                async with events(server, f"{location}/events") as states:
                    last = [state async for state in states][-1]

                assert last["result"] == worker.process.pid
                assert await anext(news) == {"by": worker.process.pid}
                heard = await hear(visitor)
                assert heard["sender"] == "a task"
                assert heard["text"] == f"hello from {worker.process.pid}"

    asyncio.run(run())


async def states(server: Server, path: str, seen: list[tuple[str, float]]) -> list[str]:
    """Note each state of a task, up to the end of the stream; the comments among them."""
    async with events(server, f"{path}/events") as frames:
        comments = []
        async for frame in frames:
            if isinstance(frame, str):
                comments.append(frame)
            else:
                seen.append((frame["status"], frame["progress"]))
        return comments


@pytest.mark.usefixtures("worker")
def test_changes_are_published_at_once_in_both_processes(services: Workers, tmp_path: Path) -> None:
    path = enqueue(services.servers[0], "walk", gate=str(tmp_path / "step"))
    steps = [("running", 0.0), ("running", 0.25), ("running", 0.5)]

    async def run() -> None:
        seen: list[list[tuple[str, float]]] = [[], []]
        following = [
            asyncio.create_task(states(server, path, noted))
            for server, noted in zip(services.servers, seen, strict=True)
        ]
        async with asyncio.timeout(PATIENCE):
            for number, step in enumerate(steps, 1):
                while not all(step in noted for noted in seen):
                    await asyncio.sleep(0.02)
                (tmp_path / f"step-{number}").touch()
            for noted, task in zip(seen, following, strict=True):
                assert await task == []
                assert noted[-4:] == [*steps, ("succeeded", 1)]

    asyncio.run(run())


def test_a_task_whose_worker_is_killed_is_not_waited_for_for_ever(
    project: Path, environment: Environment, tmp_path: Path, settings: dict[str, str]
) -> None:
    """Nobody says that it is dead, for nobody was there: it is seen at a heartbeat."""
    set_heartbeat(project, 1)
    settings = {**settings, "QUEUE_LEASE_SECONDS": str(LEASE)}
    with working(project, environment, settings, count=1) as services:
        set_heartbeat(project, 3600)
        (server,) = services.servers
        seen: list[tuple[str, float]] = []

        async def run(worker: Worker, path: str) -> None:
            following = asyncio.create_task(states(server, path, seen))
            async with asyncio.timeout(PATIENCE):
                while ("running", 0.25) not in seen:
                    await asyncio.sleep(0.02)
            worker.kill()
            with work(project, environment, services.variables):
                assert ": alive" in await following
            assert seen[-1] == ("dead", 0.25)

        with work(project, environment, services.variables) as worker:
            (tmp_path / "step-1").touch()
            asyncio.run(run(worker, enqueue(server, "walk", gate=str(tmp_path / "step"))))


def test_streams_of_tasks_end_with_the_service(
    project: Path, environment: Environment, settings: dict[str, str]
) -> None:
    with working(project, environment, settings, count=1) as services:
        (server,) = services.servers
        path = enqueue(server, "tell")  # without a worker it waits

        async def run() -> None:
            seen: list[tuple[str, float]] = []
            following = asyncio.create_task(states(server, path, seen))
            async with asyncio.timeout(PATIENCE):
                while not seen:
                    await asyncio.sleep(0.02)
                assert await asyncio.to_thread(server.stop) == -signal.SIGTERM
                assert await following == [": closing"]

        asyncio.run(run())
        assert "Cancel" not in server.output
