"""Workers that are killed, servers that go away, and many that do the same at once.

The tests of a case share one running project, since its start takes longer than most of them.
"""

import json
import runpy
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest

from fastgen.project.operations import EXAMPLES, Operation
from tests.environment import prepare
from tests.live.fault_proxy import FaultProxy
from tests.live.queue_project import (
    CASES,
    CONCURRENCY,
    LEASE,
    Case,
    Running,
    accepted,
    accepted_at_last,
    ends_as,
    enqueue,
    look,
    running,
)
from tests.live.server import CLIENT, until
from tests.support import TEMPLATES, generate

# The schema of the messages is in the environment of projects.
PARSE = """
import json, sys
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

print(json.dumps([
    {
        "name": span.name,
        "trace": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "attributes": {each.key: each.value.string_value for each in span.attributes},
    }
    for body in json.load(open(sys.argv[1]))
    for resource in ExportTraceServiceRequest.FromString(bytes.fromhex(body)).resource_spans
    for scope in resource.scope_spans
    for span in scope.spans
]))
"""


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
def receiver() -> Iterator[Any]:
    """An OTLP receiver, as the tests of projects have it."""
    path = TEMPLATES / "foundations/receiver/files/tests/receiver.py"
    with runpy.run_path(str(path))["receive"]() as found:
        yield found


@pytest.fixture(scope="module")
def shop(case: Case, receiver: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """It traces the requests whose caller does."""
    folder = tmp_path_factory.mktemp("queue")
    operations = (*EXAMPLES, Operation("extra", "tracing"))
    project = generate(folder, patterns=("queue",), queue=case.engine, operations=operations)
    tracing = {
        "TELEMETRY_ENABLED": "true",
        "TRACING_ENDPOINT": f"http://{receiver.address}/v1/traces",
        "TRACING_RATIO": "0",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    with running(case, project, prepare(project), folder, **tracing) as found:
        yield found


def test_three_schedulers_give_one_run_a_tick(shop: Running) -> None:
    """Runs may be late, and then come together: ticks are counted when they are enqueued."""
    shop.has_workers(3)
    before, first = shop.ticks()
    until(lambda: shop.enqueued_ticks() >= before + 4)
    enqueued, last = shop.ticks()
    ticks = enqueued - before
    assert ticks <= last - first + 2

    until(lambda: shop.marked()["tick"] >= before + ticks)
    assert shop.marked()["tick"] <= shop.enqueued_ticks()


def test_a_scheduler_that_was_frozen_enqueues_no_tick_again(shop: Running) -> None:
    frozen, *_ = shop.has_workers(2)
    before, first = shop.ticks()
    with frozen.frozen():
        until(lambda: shop.enqueued_ticks() >= before + 6)
    seen = shop.enqueued_ticks()
    until(lambda: shop.enqueued_ticks() >= seen + 3)

    enqueued, last = shop.ticks()
    assert enqueued - before <= last - first + 2


def test_a_killed_worker_loses_none_of_twenty_tasks(shop: Running, tmp_path: Path) -> None:
    """On an idle queue: nothing else comes that would wake the other workers."""
    gate = tmp_path / "gate"
    workers = shop.has_workers(3)
    tasks = [accepted(enqueue(shop.server, "hold", mark=f"{n}", gate=str(gate))) for n in range(20)]
    until(lambda: sum(shop.marked()[f"start {n}"] for n in range(20)) >= 3 * CONCURRENCY)
    workers.pop().kill()
    killed_at = monotonic()
    gate.touch()
    found = [ends_as(shop.server, task) for task in tasks]

    assert monotonic() - killed_at < 20 * LEASE
    again = {1: 20 - CONCURRENCY, 2: CONCURRENCY}
    assert Counter(task["attempts"] for task in found) == again
    assert all(shop.marked()[f"end {n}"] == 1 for n in range(20))


TASK_SPAN, REQUEST_SPAN = b"app.queue.spans", b"POST /marks/"


def test_a_worker_continues_the_trace_of_the_request(
    shop: Running, receiver: Any, tmp_path: Path
) -> None:
    shop.has_workers(1)
    receiver.bodies.clear()
    trace, caller = uuid4().hex, uuid4().hex[:16]
    for headers in ({}, {"traceparent": f"00-{trace}-{caller}-01"}):
        response = CLIENT.post(f"{shop.server.url}/marks/traced?then=", headers=headers)
        assert response.status_code == 200
    # The service and the worker send their spans independently.
    until(lambda: all(span in b"".join(receiver.bodies) for span in (TASK_SPAN, REQUEST_SPAN)))
    bodies = json.dumps([body.hex() for body in receiver.bodies])
    (tmp_path / "bodies").write_text(bodies, "utf-8")
    parsed = shop.environment.run_code(PARSE, str(tmp_path / "bodies"), cwd=tmp_path)

    spans = json.loads(parsed.out)
    assert {span["trace"] for span in spans} == {trace}
    named = {span["name"]: span for span in spans}
    assert named["POST /marks/{mark}"]["parent"] == caller
    assert named["POST /marks/{mark}"]["attributes"]["url.query"] == "REDACTED"
    assert named["hold"]["parent"] in {span["id"] for span in spans if span is not named["hold"]}


def test_a_lease_is_kept_however_long_a_task_takes(shop: Running) -> None:
    shop.has_workers(2)
    ends_as(shop.server, accepted(enqueue(shop.server, "hold", mark="long", seconds=2 * LEASE)))

    assert [shop.marked()[mark] for mark in ("start long", "end long")] == [1, 1]


def test_an_attempt_whose_lease_has_expired_does_not_end_the_next(
    shop: Running, tmp_path: Path
) -> None:
    """The only worker of the queue does one at a time: the next attempt waits for the first."""
    gate = tmp_path / "gate"
    one = shop.working(1, "aside", QUEUE_CONCURRENCY="1")
    with one as (worker,), shop.working(1, "another"):
        task = accepted(enqueue(shop.server, "hold_aside", mark="frozen", gate=str(gate)))
        until(lambda: shop.marked()["start frozen"] >= 1)
        with worker.frozen():
            until(lambda: look(shop.server, task)["status"] == "queued")
        gate.touch()
        found = ends_as(shop.server, task)

    assert found["attempts"] == 2
    assert shop.marked()["start frozen"] == 2


def test_poison_ends_three_workers_and_no_more(shop: Running) -> None:
    with shop.working(4, "aside") as workers:
        task = accepted(enqueue(shop.server, "poison"))
        assert ends_as(shop.server, task, "dead")["attempts"] == 3
        ends_as(shop.server, accepted(enqueue(shop.server, "hold_aside", mark="after poison")))
        alive = [worker for worker in workers if worker.process.poll() is None]

    assert len(alive) == 1
    assert shop.marked()["poison"] == 3


def test_errors_are_retried_then_dead_then_replayed(shop: Running) -> None:
    shop.has_workers(1)
    url = f"{shop.server.url}/api/v1/tasks/dead"
    task = accepted(enqueue(shop.server, "broken"))
    assert ends_as(shop.server, task, "dead")["attempts"] == 3
    assert task in [each["task_id"] for each in CLIENT.get(url).json()["items"]]
    assert accepted(CLIENT.post(f"{url}/{task}/replay")) == task
    until(lambda: shop.marked()["broken"] >= 6)
    ends_as(shop.server, task, "dead")


def test_at_sigterm_tasks_are_finished_or_put_back(shop: Running, tmp_path: Path) -> None:
    """The workers do not poll: they are notified, or they would not start the tasks."""
    gate = tmp_path / "gate"
    settings = {"SHUTDOWN_GRACE_SECONDS": "1", "QUEUE_POLL_SECONDS": "600"}
    with shop.working(1, "aside", **settings) as (worker,):
        endless = accepted(enqueue(shop.server, "hold_aside", mark="endless", gate=str(gate)))
        until(lambda: shop.marked()["start endless"] >= 1)
        assert worker.stop() == 0
    assert look(shop.server, endless)["status"] == "queued"

    gate.touch()
    settings = {"SHUTDOWN_GRACE_SECONDS": "60", "QUEUE_POLL_SECONDS": "600"}
    with shop.working(1, "aside", **settings) as (worker,):
        ends_as(shop.server, endless)
        brief = accepted(enqueue(shop.server, "hold_aside", mark="brief", seconds=1))
        until(lambda: shop.marked()["start brief"] >= 1)
        assert worker.stop() == 0
    assert look(shop.server, brief)["status"] == "succeeded"
    found = {
        mark: (shop.marked()[f"start {mark}"], shop.marked()[f"end {mark}"])
        for mark in ("brief", "endless")
    }
    assert found == {"brief": (1, 1), "endless": (2, 1)}


def test_a_worker_that_stops_keeps_its_leases(shop: Running) -> None:
    """Its tasks may take longer than a lease, within the grace period."""
    stopping = shop.working(1, "aside", SHUTDOWN_GRACE_SECONDS="60")
    with stopping as (worker,):
        task = accepted(enqueue(shop.server, "hold_aside", mark="kept", seconds=3 * LEASE))
        until(lambda: shop.marked()["start kept"] >= 1)
        with shop.working(1, "aside"):
            assert worker.stop() == 0
            found = ends_as(shop.server, task)

    assert (found["attempts"], shop.marked()["start kept"]) == (1, 1)


def test_one_key_is_one_task_over_two_processes(shop: Running) -> None:
    shop.has_workers(1)
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(enqueue, shop.server, "hold", "one", mark="one") for _ in range(20)]
        tasks = {accepted(answer.result()) for answer in asked}
    assert len(tasks) == 1
    ends_as(shop.server, tasks.pop())

    assert [shop.marked()[mark] for mark in ("start one", "end one")] == [1, 1]


def test_a_rollback_of_the_caller_enqueues_nothing(shop: Running) -> None:
    shop.has_workers(1)
    url = f"{shop.server.url}/marks"
    assert CLIENT.post(f"{url}/undone?then=fail").status_code == 500
    ends_as(shop.server, CLIENT.post(f"{url}/done").json())

    assert [shop.marked()[mark] for mark in ("start undone", "start done")] == [0, 1]


FAULTS: dict[str, tuple[Callable[[FaultProxy], None], Callable[[FaultProxy], None]]] = {
    "refused": (FaultProxy.refuse, FaultProxy.accept),
    "hung": (FaultProxy.black_hole, FaultProxy.flow),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_accepted_and_lost_while_the_broker_is_away(shop: Running, fault: str) -> None:
    shop.has_workers(1)
    server, begin, end = shop.server, *FAULTS[fault]
    proxy = shop.proxies.get("broker", shop.proxies["database"])
    # Either process of the service may not have heard from the broker since the last outage.
    before = f"{fault} before"
    ends_as(server, accepted_at_last(server, "hold", key=before, mark=before))
    begin(proxy)
    marks = [f"{fault} {n}" for n in range(2)]
    with ThreadPoolExecutor(2) as pool:
        refused = [*pool.map(lambda mark: enqueue(server, "hold", key=mark, mark=mark), marks)]
    end(proxy)
    for mark in marks:
        ends_as(server, accepted_at_last(server, "hold", key=mark, mark=mark))

    for response in refused:
        assert response.status_code == 503
        assert response.headers["retry-after"]
        assert response.json()["code"] == "unavailable"
    assert all(shop.marked()[f"end {mark}"] == 1 for mark in marks)


def test_an_outage_of_the_database_loses_no_task(shop: Running, tmp_path: Path) -> None:
    """Neither those that run, nor those that a worker gets from its broker meanwhile."""
    gate = tmp_path / "gate"
    (worker, *others) = shop.has_workers(1)
    for other in others:
        other.kill()
    shop.workers[:] = [worker]
    marks = [f"outage {n}" for n in range(2 * CONCURRENCY)]
    tasks = [
        accepted_at_last(shop.server, "hold", key=mark, mark=mark, gate=str(gate)) for mark in marks
    ]
    until(lambda: sum(shop.marked()[f"start {mark}"] for mark in marks) >= CONCURRENCY)
    shop.proxies["database"].refuse()
    gate.touch()
    time.sleep(2 * LEASE)
    shop.proxies["database"].accept()
    for task in tasks:
        ends_as(shop.server, task)


def test_a_worker_that_stops_in_an_outage_of_the_database_keeps_no_task(shop: Running) -> None:
    """Its broker has given it the task, which it could not start."""
    task = accepted_at_last(shop.server, "hold_aside", key="unstarted", mark="unstarted")
    time.sleep(LEASE)  # until the outbox has noted that it is sent
    shop.proxies["database"].refuse()
    with shop.working(1, "aside", SHUTDOWN_GRACE_SECONDS="1") as (worker,):
        until(lambda: any(sign in worker.output for sign in ("not_recorded", "interrupted")))
        assert worker.stop() == 0
    shop.proxies["database"].accept()
    with shop.working(1, "aside"):
        ends_as(shop.server, task)


def test_a_worker_that_is_killed_before_it_records_loses_no_task(
    shop: Running, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    (worker, *others) = shop.has_workers(1)
    for other in others:
        other.kill()
    marks = [f"unrecorded {n}" for n in range(CONCURRENCY)]
    tasks = [
        accepted_at_last(shop.server, "hold", key=mark, mark=mark, gate=str(gate)) for mark in marks
    ]
    until(lambda: all(shop.marked()[f"start {mark}"] for mark in marks))
    shop.proxies["database"].refuse()
    gate.touch()
    until(lambda: all(shop.marked()[f"end {mark}"] for mark in marks))
    worker.kill()
    shop.proxies["database"].accept()
    shop.workers.clear()
    shop.has_workers(1)

    assert [ends_as(shop.server, task)["attempts"] for task in tasks] == [2] * CONCURRENCY


def test_a_worker_needs_a_server(shop: Running, tmp_path: Path) -> None:
    own = {"DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}"}
    result = shop.environment.run("python", "-m", "app.worker", cwd=shop.project, env=own)

    assert result.code == 1
    assert "DATABASE_URL" in result.err
    assert "Traceback" not in result.err
