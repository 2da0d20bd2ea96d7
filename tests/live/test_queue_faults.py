"""Workers that are killed, a broker that goes away, and many that do the same at once."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import httpx2
import pytest

from tests.environment import Environment, prepare
from tests.live.fault_proxy import FaultProxy
from tests.live.queue_project import (
    DECLARATIONS,
    LEASE,
    TWO_WORKERS,
    Setting,
    accepted,
    ends_as,
    enqueue,
    look,
    setting_of,
)
from tests.live.server import Server, until
from tests.support import generate


@pytest.fixture(scope="module", params=DECLARATIONS)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def project(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("queue"), patterns=("queue",), queue=engine)


@pytest.fixture(scope="module")
def project_environment(project: Path) -> Environment:
    return prepare(project)


@pytest.fixture
def setting(
    engine: str, project: Path, project_environment: Environment, tmp_path: Path
) -> Iterator[Setting]:
    with setting_of(engine, project, project_environment, tmp_path) as setting:
        yield setting


@pytest.fixture
def server(setting: Setting) -> Iterator[Server]:
    with setting.serving() as server:
        yield server


def test_a_killed_worker_loses_none_of_twenty_tasks(
    setting: Setting, server: Server, tmp_path: Path
) -> None:
    """On an idle queue: nothing else comes that would wake the other worker."""
    gate = tmp_path / "gate"
    with setting.working() as worker:
        tasks = [accepted(enqueue(server, "hold", mark=f"{n}", gate=str(gate))) for n in range(20)]
        until(lambda: sum(setting.marked().values()) == 10)  # as many as run at once
        with setting.working():
            worker.kill()
            killed_at = monotonic()
            gate.touch()
            found = [ends_as(server, task) for task in tasks]
            assert monotonic() - killed_at < 20 * LEASE

    assert Counter(task["attempts"] for task in found) == {1: 10, 2: 10}
    assert all(setting.marked()[f"end {n}"] == 1 for n in range(20))


def test_a_lease_is_kept_however_long_a_task_takes(setting: Setting, server: Server) -> None:
    with setting.working(), setting.working():
        ends_as(server, accepted(enqueue(server, "hold", mark="long", seconds=3 * LEASE)))

    assert setting.marked() == {"start long": 1, "end long": 1}


def test_poison_ends_three_workers_and_no_more(setting: Setting, server: Server) -> None:
    task = accepted(enqueue(server, "poison"))
    for number in range(1, 4):
        with setting.working() as worker:
            until(lambda worker=worker: worker.process.poll() is not None)  # type: ignore[misc]
        assert setting.marked()["poison"] == number

    with setting.working():
        assert ends_as(server, task, "dead")["attempts"] == 3
        ends_as(server, accepted(enqueue(server, "hold", mark="after")))

    assert setting.marked()["poison"] == 3


def test_errors_are_retried_then_dead_then_replayed(setting: Setting, server: Server) -> None:
    with setting.working():
        task = accepted(enqueue(server, "broken"))
        assert ends_as(server, task, "dead")["attempts"] == 3
        page = httpx2.get(f"{server.url}/api/v1/tasks/dead").json()
        assert [each["task_id"] for each in page["items"]] == [task]
        assert accepted(httpx2.post(f"{server.url}/api/v1/tasks/dead/{task}/replay")) == task
        until(lambda: setting.marked()["broken"] == 6)
        ends_as(server, task, "dead")


FAULTS: dict[str, Callable[[FaultProxy], None]] = {
    "down": FaultProxy.refuse,
    "hung": FaultProxy.black_hole,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_nothing_is_accepted_and_lost_while_the_broker_is_away(
    setting: Setting, server: Server, fault: Callable[[FaultProxy], None]
) -> None:
    with setting.working():
        ends_as(server, accepted(enqueue(server, "hold", mark="before")))
        fault(setting.proxy)
        started = monotonic()
        refused = [enqueue(server, "hold", key=f"{n}", mark=f"{n}") for n in range(2)]
        assert monotonic() - started < 30
        setting.proxy.accept() if fault is FaultProxy.refuse else setting.proxy.flow()
        until(lambda: enqueue(server, "hold", key="0", mark="0").status_code == 202)
        for number in range(2):
            ends_as(server, accepted(enqueue(server, "hold", key=f"{number}", mark=f"{number}")))

    for response in refused:
        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert response.json()["code"] == "unavailable"
    assert setting.marked() == Counter(
        f"{what} {mark}" for mark in ("before", "0", "1") for what in ("start", "end")
    )


def test_three_schedulers_give_one_run_a_tick(setting: Setting) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(setting.working("--queues", "ticks"))
        setting.marks.unlink(missing_ok=True)
        started = monotonic()
        until(lambda: setting.marked()["tick"] >= 5)
        ticks, seconds = setting.marked()["tick"], monotonic() - started

    assert ticks <= seconds + 2


def test_running_tasks_are_finished_at_sigterm(setting: Setting, server: Server) -> None:
    with setting.working() as worker:
        task = accepted(enqueue(server, "hold", mark="short", seconds=2))
        until(lambda: setting.marked()["start short"] == 1)

        assert worker.stop() == 0
        assert look(server, task)["status"] == "succeeded"


def test_or_put_back_after_the_grace(setting: Setting, server: Server) -> None:
    with setting.working(SHUTDOWN_GRACE_SECONDS="1") as worker:
        task = accepted(enqueue(server, "hold", mark="long", seconds=5))
        until(lambda: setting.marked()["start long"] == 1)

        assert worker.stop() == 0
        assert look(server, task)["status"] == "queued"
    with setting.working():
        ends_as(server, task)

    assert setting.marked() == {"start long": 2, "end long": 1}


def test_one_key_is_one_task_over_two_processes(setting: Setting) -> None:
    with setting.serving(TWO_WORKERS) as server, setting.working():
        with ThreadPoolExecutor(20) as pool:
            asked = [pool.submit(enqueue, server, "hold", "one", mark="one") for _ in range(20)]
            tasks = {accepted(answer.result()) for answer in asked}
        assert len(tasks) == 1
        ends_as(server, tasks.pop())

    assert setting.marked() == {"start one": 1, "end one": 1}


def test_a_rollback_of_the_caller_enqueues_nothing(setting: Setting, server: Server) -> None:
    with setting.working():
        assert httpx2.post(f"{server.url}/marks/undone?then=fail").status_code == 500
        task = httpx2.post(f"{server.url}/marks/done").json()
        ends_as(server, task)

    assert setting.marked() == {"start done": 1, "end done": 1}


def test_an_idle_worker_starts_a_task_at_once(setting: Setting, server: Server) -> None:
    """It is notified: it does not wait until it looks the next time."""
    with setting.working(QUEUE_POLL_SECONDS="600"):
        ends_as(server, accepted(enqueue(server, "hold", mark="idle")))


def test_a_worker_needs_a_server(
    project: Path, project_environment: Environment, tmp_path: Path
) -> None:
    own = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    result = project_environment.run("python", "-m", "app.worker", cwd=project, env=own)

    assert result.code == 1
    assert "DATABASE_URL" in result.err
    assert "Traceback" not in result.err
