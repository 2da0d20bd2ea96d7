"""A generated project with its workers, while they are killed and the broker goes away."""

import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.environment import Environment
from tests.live.fault_proxy import FaultProxy
from tests.live.server import Server, free_port, serve
from tests.live.test_server import until
from tests.live.worker import work
from tests.services import MARIADB, POSTGRESQL, REDIS
from tests.support import generate

# Tasks that leave a mark for every start and every end of theirs.
TASKS = '''
"""Tasks to be killed."""

import asyncio
import os
import signal
from pathlib import Path

from app.core.queue.task import task
from app.schemas.base import Input


class Mark(Input):
    mark: str
    seconds: float = 0
    gate: str = ""


def note(what: str) -> None:
    with Path(os.environ["MARKS"]).open("a") as file:
        file.write(what + "\\n")


@task(exposed=True)
async def hold(args: Mark) -> str:
    note(f"start {args.mark}")
    await asyncio.sleep(args.seconds)
    while args.gate and not Path(args.gate).exists():
        await asyncio.sleep(0.05)
    note(f"end {args.mark}")
    return args.mark


@task(exposed=True)
async def poison() -> None:
    note("poison")
    os.kill(os.getpid(), signal.SIGKILL)


@task(cron="* * 1 1 *")
async def tick() -> None:
    note("tick")
'''
# A route whose task belongs to a write, and that may not live to enqueue it.
EXTRA = """
import os
import signal

from app.api.dependencies.queue import OutboxDep
from app.api.deps import SessionDep
from app.core.routing import flatten
from app.main import create_app
from app.workers.tasks.extra import Mark

app = create_app()


async def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@app.post("/marks/{mark}")
async def put(mark: str, outbox: OutboxDep, session: SessionDep, then: str = "") -> str:
    if then == "die":
        session.on_commit(die)
    task = await outbox.put("hold", Mark(mark=mark))
    if then == "fail":
        raise RuntimeError("no luck")
    return task.task_id


flatten(app)
"""
TICKS = """
import asyncio
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI

from app.lifespan import lifespan
from app.core.queue.scheduler import Scheduler
from app.settings import Settings


async def main():
    async with lifespan(Settings())(FastAPI()) as state:
        start = datetime(2030, 1, 1, tzinfo=UTC)
        await Scheduler(state["queue"], start).tick(start + timedelta(minutes=29))


asyncio.run(main())
"""
COMMAND = ("uvicorn", "extra:app", "--port", "{port}", "--no-access-log")
TWO_WORKERS = (*COMMAND, "--workers", "2")
LEASE = 2


@dataclass(frozen=True)
class Setting:
    """A project with its database and its Redis, and what is between them."""

    project: Path
    environment: Environment
    database: str
    proxy: FaultProxy
    redis: str
    prefix: str
    marks: Path

    @property
    def variables(self) -> dict[str, str]:
        return {
            "DATABASE_URL": f"{POSTGRESQL.url}{self.database}",
            "REDIS_URL": f"redis://127.0.0.1:{self.proxy.port}{urlsplit(self.redis).path}",
            "REDIS_PREFIX": self.prefix,
            "REDIS_TIMEOUT_SECONDS": "2",  # what is slow on a busy machine is not silent
            "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnop",
            "QUEUE_LEASE_SECONDS": str(LEASE),
            "QUEUE_RELAY_SECONDS": "0.2",
            "MARKS": str(self.marks),
        }

    def marked(self) -> Counter[str]:
        """How often what was noted."""
        return Counter(self.marks.read_text().splitlines() if self.marks.exists() else [])

    def serving(self, command: tuple[str, ...] = COMMAND, **more: str) -> Any:
        return serve(self.project, self.environment, command, {**self.variables, **more})

    def working(self, *options: str, **more: str) -> Any:
        return work(self.project, self.environment, {**self.variables, **more}, *options)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp("queue"), patterns=("database", "queue"))
    (project / "extra.py").write_text(EXTRA)
    (project / "app" / "workers" / "tasks" / "extra.py").write_text(TASKS)
    return project


@contextmanager
def setting_on(
    url: str, prefix: str, project: Path, environment: Environment, marks: Path
) -> Iterator[Setting]:
    there = urlsplit(url)
    proxy = FaultProxy(there.hostname or "127.0.0.1", there.port or 6379)
    with POSTGRESQL.database(environment) as database, proxy.running():
        setting = Setting(project, environment, database, proxy, url, prefix, marks)
        environment.migrate(project, setting.variables)
        yield setting


@pytest.fixture
def setting(project: Path, environment: Environment, tmp_path: Path) -> Iterator[Setting]:
    with (
        REDIS.keys(environment) as prefix,
        setting_on(REDIS.url, prefix, project, environment, tmp_path / "marks") as setting,
    ):
        yield setting


@pytest.fixture
def server(setting: Setting) -> Iterator[Server]:
    with setting.serving() as server:
        yield server


def enqueue(server: Server, name: str, key: str | None = None, **args: Any) -> httpx2.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    url = f"{server.url}/api/v1/tasks/{name}"
    return httpx2.post(url, json={"args": args}, headers=headers, timeout=30)


def accepted(response: httpx2.Response) -> str:
    assert response.status_code == 202, response.text
    return str(response.json()["task_id"])


def look(server: Server, task_id: str) -> Any:
    return httpx2.get(f"{server.url}/api/v1/tasks/{task_id}", timeout=30).json()


def succeeds(server: Server, task_id: str) -> None:
    until(lambda: look(server, task_id)["status"] == "succeeded")


def test_a_killed_worker_loses_nothing_while_nothing_else_comes(
    setting: Setting, server: Server, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with setting.working() as worker:
        task = accepted(enqueue(server, "hold", mark="a", gate=str(gate)))
        until(lambda: setting.marked()["start a"] == 1)
        with setting.working():  # idle, and nothing else comes
            worker.kill()
            gate.touch()
            succeeds(server, task)

    assert look(server, task)["attempts"] == 2
    assert setting.marked() == {"start a": 2, "end a": 1}


def test_a_lease_is_kept_however_long_it_takes(setting: Setting, server: Server) -> None:
    with setting.working(), setting.working():
        task = accepted(enqueue(server, "hold", mark="long", seconds=3 * LEASE))
        succeeds(server, task)

    assert setting.marked() == {"start long": 1, "end long": 1}


def test_poison_ends_three_workers_and_no_more(setting: Setting, server: Server) -> None:
    task = accepted(enqueue(server, "poison"))
    for number in range(1, 4):
        with setting.working() as worker:
            until(lambda worker=worker: worker.process.poll() is not None)  # type: ignore[misc]
        assert setting.marked()["poison"] == number

    with setting.working():
        until(lambda: look(server, task)["status"] == "dead")
        succeeds(server, accepted(enqueue(server, "hold", mark="after")))

    assert setting.marked()["poison"] == 3
    page = httpx2.get(f"{server.url}/api/v1/tasks/dead").json()
    assert [each["task_id"] for each in page["items"]] == [task]
    replay = httpx2.post(f"{server.url}/api/v1/tasks/dead/{task}/replay")
    assert replay.status_code == 202
    with setting.working() as worker:
        until(lambda: worker.process.poll() is not None)
    assert setting.marked()["poison"] == 4


FAULTS: dict[str, Callable[[FaultProxy], None]] = {
    "down": FaultProxy.refuse,
    "hung": FaultProxy.black_hole,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_without_a_broker_nothing_is_accepted(
    setting: Setting, server: Server, fault: Callable[[FaultProxy], None]
) -> None:
    with setting.working():
        succeeds(server, accepted(enqueue(server, "hold", mark="before")))
        fault(setting.proxy)
        refused = [enqueue(server, "hold", key=f"{n}", mark=f"{n}") for n in range(3)]
        setting.proxy.accept() if fault is FaultProxy.refuse else setting.proxy.flow()
        until(lambda: enqueue(server, "hold", key="0", mark="0").status_code == 202)
        again = [accepted(enqueue(server, "hold", key=f"{n}", mark=f"{n}")) for n in range(3)]
        for task in again:
            succeeds(server, task)

    for response in refused:
        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert response.json()["code"] == "unavailable"
    expected = {"before", "0", "1", "2"}
    assert setting.marked() == Counter(f"{what} {m}" for m in expected for what in ("start", "end"))


@contextmanager
def own_redis(folder: Path) -> Iterator[tuple[int, Callable[[], subprocess.Popen[bytes]]]]:
    """A port, and what starts a server there that writes everything down; they are ended."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server to be started")
    folder.mkdir()
    port, started = free_port(), []

    def start() -> subprocess.Popen[bytes]:
        options = ["--port", str(port), "--dir", str(folder), "--save", "", "--bind", "127.0.0.1"]
        process = subprocess.Popen(
            [program, *options, "--appendonly", "yes", "--appendfsync", "always"],
            stdout=subprocess.DEVNULL,
        )
        started.append(process)
        until(lambda: answers(port))
        return process

    try:
        yield port, start
    finally:
        for process in started:
            process.kill()
            process.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_broker_that_is_started_again_loses_nothing(
    project: Path, environment: Environment, tmp_path: Path
) -> None:
    with own_redis(tmp_path / "redis") as (port, start):
        first = start()
        url = f"redis://127.0.0.1:{port}/0"
        with (
            setting_on(url, "own", project, environment, tmp_path / "marks") as setting,
            setting.serving() as server,
        ):
            waiting = [accepted(enqueue(server, "hold", mark=f"{n}")) for n in range(3)]
            with setting.working(QUEUE_LEASE_SECONDS="60"):
                running = accepted(enqueue(server, "hold", mark="running", seconds=2))
                until(lambda: setting.marked()["start running"] == 1)
                first.kill()
                first.wait()
                assert enqueue(server, "hold", mark="refused").status_code == 503
                until(lambda: setting.marked()["end running"] == 1)
                start()
                for task in (*waiting, running):
                    until(lambda task=task: look(server, task).get("status") == "succeeded")  # type: ignore[misc]
                until(lambda: enqueue(server, "hold", mark="after", key="a").status_code == 202)
                succeeds(server, accepted(enqueue(server, "hold", mark="after", key="a")))

            assert setting.marked()["start running"] == 1
            assert setting.marked()["start refused"] == 0


def test_three_schedulers_give_one_run_a_tick(setting: Setting, server: Server) -> None:
    (setting.project / "ticks.py").write_text(TICKS)

    def run(_number: int) -> int:
        result = setting.environment.run(
            "python", "ticks.py", cwd=setting.project, env=setting.variables
        )
        return result.code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, range(3))) == [0, 0, 0]
    with setting.working("--only", "worker"):
        until(lambda: setting.marked()["tick"] >= 30)
        succeeds(server, accepted(enqueue(server, "hold", mark="last")))

    assert setting.marked()["tick"] == 30


def test_at_a_stop_a_task_is_finished(setting: Setting, server: Server) -> None:
    with setting.working() as worker:
        task = accepted(enqueue(server, "hold", mark="short", seconds=2))
        until(lambda: setting.marked()["start short"] == 1)

        assert worker.stop() == 0
        assert look(server, task)["status"] == "succeeded"


def test_or_put_back(setting: Setting, server: Server) -> None:
    with setting.working(SHUTDOWN_GRACE_SECONDS="2") as worker:
        task = accepted(enqueue(server, "hold", mark="long", seconds=5))
        until(lambda: setting.marked()["start long"] == 1)
        stopped_at = monotonic()

        assert worker.stop() == 0
        assert monotonic() - stopped_at < 20
        assert look(server, task) | {"status": "queued", "attempts": 0} == look(server, task)
    with setting.working():
        succeeds(server, task)

    assert setting.marked() == {"start long": 2, "end long": 1}


def test_one_key_is_one_task_over_two_processes(setting: Setting) -> None:
    with setting.serving(TWO_WORKERS) as server, setting.working():
        with ThreadPoolExecutor(20) as pool:
            asked = [pool.submit(enqueue, server, "hold", "one", mark="one") for _ in range(40)]
            tasks = {accepted(answer.result()) for answer in asked}
        assert len(tasks) == 1
        succeeds(server, tasks.pop())
        again = enqueue(server, "hold", "one", mark="one")

    assert again.json()["status"] == "succeeded"
    assert setting.marked() == {"start one": 1, "end one": 1}


def put(server: Server, mark: str, then: str = "") -> httpx2.Response:
    return httpx2.post(f"{server.url}/marks/{mark}", params={"then": then}, timeout=30)


def test_killed_between_the_commit_and_the_queue(setting: Setting) -> None:
    with setting.serving(QUEUE_RELAY_SECONDS="600") as server:
        assert put(server, "undone", "fail").status_code == 500
        with pytest.raises(httpx2.TransportError):
            put(server, "killed", "die")
    assert setting.marked() == {}

    with setting.working(), setting.working():
        until(lambda: setting.marked()["end killed"] == 1)

    assert setting.marked() == {"start killed": 1, "end killed": 1}


def test_what_is_committed_waits_for_the_broker(setting: Setting, server: Server) -> None:
    with setting.working(), setting.working():
        setting.proxy.refuse()
        statuses = Counter(put(server, f"{n}").status_code for n in range(20))
        setting.proxy.accept()
        until(lambda: sum(setting.marked().values()) == 40)

    assert statuses == {200: 20}
    assert set(setting.marked().values()) == {1}


def test_a_worker_of_its_own_needs_redis(setting: Setting) -> None:
    result = setting.environment.run(
        "python", "-m", "app.workers", cwd=setting.project, env={"REDIS_URL": ""}
    )

    assert result.code == 1
    assert "REDIS_URL" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("service", [POSTGRESQL, MARIADB], ids=lambda service: service.name)
def test_its_own_tests_pass_with_real_servers(
    setting: Setting, service: Any, environment: Environment
) -> None:
    with service.database(environment) as database:
        variables = {
            "TEST_DATABASE_URL": f"{service.url}{database}",
            "TEST_REDIS_URL": REDIS.url,
        }
        result = environment.run(
            "pytest", "-q", "tests/queue", "tests/api/tasks", cwd=setting.project, env=variables
        )

    assert result.code == 0, result.out
    assert " skipped" not in result.out
