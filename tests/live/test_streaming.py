"""Streams of two processes: across them, over outages, to clients that leave or do not read."""

import asyncio
import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.environment import Environment
from tests.live.readers import following
from tests.live.realtime import (
    Workers,
    memory,
    open_files,
    processes,
    set_constants,
    working,
)
from tests.live.server import CLIENT, Server, until
from tests.matrix.test_generated import DESTINATION, add_insides
from tests.services import REDIS
from tests.support import generate

EVENTS = "/api/v1/events/news"
SECONDS_AWAY = 10
REQUEST = f"GET {EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

# How patient a service is with who does not read, and what is left of who has left.
EXTRA = """
import asyncio

from app.lifespan import Connection
from app.core.routing import flatten_routes
from app.main import create_app
from app.realtime import streams as module

app = create_app()
module.STALL_SECONDS = 5


@app.get("/held")
async def held(connection: Connection) -> dict[str, int]:
    streams, pubsub = connection.state["stream_limiter"].total, connection.state["pubsub"]
    channels, tasks = len(pubsub._subscribers), len(asyncio.all_tasks())
    return {"slots": streams, "channels": channels, "tasks": tasks}


flatten_routes(app)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp("streaming"), patterns=("streaming",))
    (project / "extra.py").write_text(EXTRA)
    set_constants(project / "app/realtime/streams.py", HEARTBEAT_SECONDS=1)
    main = project / "app" / "__main__.py"
    main.write_text(main.read_text().replace('"app.main:app"', '"extra:app"'))
    return project


@pytest.fixture(scope="module")
def workers(project: Path, environment: Environment) -> Iterator[Workers]:
    with working(project, environment, {}) as workers:
        yield workers


def held(server: Server, what: str = "slots") -> int:
    """How many of them a process has just now."""
    return int(CLIENT.get(f"{server.url}/held", timeout=60).json()[what])


async def publish(client: httpx2.AsyncClient, number: int = 0) -> str:
    """The id of a new event."""
    event_id = await try_to_publish(client, number)
    assert event_id is not None
    return event_id


async def try_to_publish(client: httpx2.AsyncClient, number: int = 0) -> str | None:
    """The id of a new event; None if it was not taken."""
    answer = await client.post(EVENTS, json={"type": "n", "data": {"n": number}})
    assert answer.status_code in (202, 503), answer.text
    return str(answer.json()["id"]) if answer.status_code == 202 else None


def test_events_reach_both_workers_and_can_be_resumed(workers: Workers) -> None:
    one, other = workers.servers

    async def run() -> None:
        async with httpx2.AsyncClient(base_url=one.url, timeout=60) as client:
            async with following(other) as reader:
                published = [await publish(client, number) for number in range(50)]
                await reader.has(published[19])
            published += [await publish(client, number) for number in range(50)]
            async with following(one, published[19]) as resumed:
                await resumed.has(published[-1])
                assert resumed.ids == published[20:]

    asyncio.run(run())


def test_late_clients_get_only_new_events(workers: Workers) -> None:
    """Also of a topic that others have published to before."""
    one, other = workers.servers

    async def run() -> None:
        async with httpx2.AsyncClient(base_url=one.url, timeout=60) as client:
            await publish(client)
            async with following(other) as reader:
                published = await publish(client)
                await reader.has(published)
                assert reader.ids == [published]

    asyncio.run(run())


def test_repeatedly_disconnected_clients_miss_nothing(workers: Workers) -> None:
    """It resumes in either worker, while events go on."""

    async def run() -> None:
        is_over = asyncio.Event()
        published: list[str] = []
        seen: list[str] = []

        async def go_on_publishing(server: Server) -> None:
            async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
                while not is_over.is_set():
                    published.append(await publish(client))

        publishing = [asyncio.create_task(go_on_publishing(one)) for one in workers.servers]
        async with following(workers.servers[0]) as reader:
            await reader.until(lambda: len(reader.ids) > 20)
            seen += reader.ids
        for number in range(12):
            async with following(workers.servers[number % 2], seen[-1]) as reader:
                await reader.until(lambda: len(reader.ids) > 20)
                seen += reader.ids
        is_over.set()
        await asyncio.gather(*publishing)

        assert seen == sorted(set(seen), key=in_order)
        between = [one for one in published if in_order(seen[0]) <= in_order(one)]
        assert seen == sorted(between, key=in_order)[: len(seen)]

    asyncio.run(run())


def in_order(event_id: str) -> list[int]:
    return [*map(int, event_id.split("-"))]


def test_redis_may_be_away(workers: Workers) -> None:
    """What was accepted arrives, once and in order; what was not was said not to be."""
    one, other = workers.servers

    async def run() -> None:
        accepted: list[str] = []
        async with (
            httpx2.AsyncClient(base_url=one.url, timeout=60) as client,
            following(one) as here,
            following(other) as there,
        ):
            for phase in (2, SECONDS_AWAY, 3):
                end = time.monotonic() + phase
                while time.monotonic() < end or not accepted:
                    if (event_id := await try_to_publish(client)) is not None:
                        accepted.append(event_id)
                    await asyncio.sleep(0.05)
                if phase == 2:
                    workers.redis.refuse()
                elif phase == SECONDS_AWAY:
                    workers.redis.accept()
            while (last := await try_to_publish(client)) is None:
                await asyncio.sleep(0.1)
            accepted.append(last)
            for reader in (here, there):
                await reader.has(last)
                # One that was sent when the connection broke may have been kept all the same.
                assert [event_id for event_id in reader.ids if event_id in accepted] == accepted
                assert reader.ids == sorted(set(reader.ids), key=in_order)

    asyncio.run(run())


def test_clients_that_connect_during_an_outage_miss_nothing(workers: Workers) -> None:
    one, other = workers.servers

    async def run() -> None:
        async with httpx2.AsyncClient(base_url=other.url, timeout=60) as client:
            before = [await publish(client) for _ in range(3)]
            workers.redis.refuse()
            coming = asyncio.create_task(resume(one, before[0]))
            await asyncio.sleep(
                3
            )  # it is told that somebody is there, and not yet that all is well
            assert not coming.done()
            workers.redis.accept()
            after: list[str] = []
            while len(after) < 50:
                if (event_id := await try_to_publish(client)) is not None:
                    after.append(event_id)
                await asyncio.sleep(0.01)
            expected.extend([*before[1:], *after])
            is_published.set()
            seen = await coming

        assert [event_id for event_id in seen if event_id in expected] == expected
        assert seen == sorted(set(seen), key=in_order)

    async def resume(server: Server, last_id: str) -> list[str]:
        async with following(server, last_id) as reader:
            await is_published.wait()
            await reader.has(expected[-1])
            return reader.ids

    expected: list[str] = []
    is_published = asyncio.Event()
    asyncio.run(run())


def test_clients_that_leave_early_leave_nothing(workers: Workers) -> None:
    """Before the first byte, and after it."""
    server = workers.servers[0]
    until(lambda: held(server) == 0)
    before, tasks = open_files(server), held(server, "tasks")
    for is_patient in (False, True):
        connections = []
        for _ in range(200):
            connection = socket.create_connection(("127.0.0.1", server.port))
            connection.sendall(REQUEST)
            connections.append(connection)
        if is_patient:
            until(lambda: held(server) == 200)
        for connection in connections:
            connection.close()
        until(lambda: held(server) == held(server, "channels") == 0)
    until(lambda: open_files(server) <= before + 5)
    until(lambda: held(server, "tasks") <= tasks + 5)


def test_only_slow_clients_are_disconnected(workers: Workers) -> None:
    """It costs no more than what is on its way, and no traceback either."""
    one, _ = workers.servers
    until(lambda: held(one) == 0)
    before = memory(one)
    stuck = [socket.create_connection(("127.0.0.1", one.port)) for _ in range(20)]
    for connection in stuck:
        connection.sendall(REQUEST)
    until(lambda: held(one) == len(stuck))

    async def run() -> None:
        event = {"type": "n", "data": {"text": "x" * 50_000}}
        async with (
            httpx2.AsyncClient(base_url=one.url, timeout=60) as client,
            following(one) as reader,
        ):
            for _ in range(400):
                accepted = (await client.post(EVENTS, json=event)).json()["id"]
                await reader.has(accepted)

    asyncio.run(run())
    assert memory(one) - before < 60_000_000  # written without waiting, it would be 400 MB
    until(lambda: held(one) == 0)
    assert "stream_stalled" in one.output
    assert "Traceback" not in one.output
    for connection in stuck:
        connection.close()


def temporary_files(server: Server) -> int:
    """How many it has open."""
    count = 0
    for process in processes(server):
        for path in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                count += str(path.readlink()).endswith("(deleted)")
    return count


def test_an_upload_that_breaks_off_leaves_nothing(project: Path, workers: Workers) -> None:
    server = workers.servers[0]
    before = temporary_files(server)
    head = (
        "POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
        'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + b"x" * 2_000_000)
        until(lambda: temporary_files(server) > before)

    until(lambda: temporary_files(server) == before)
    assert not (project / "files" / "everybody").exists()
    assert "Traceback" not in server.output


def test_text_stops_when_its_client_leaves(workers: Workers) -> None:
    server = workers.servers[0]
    body = {"prompt": "word " * 1000, "max_tokens": 1000}
    with CLIENT.stream("POST", f"{server.url}/api/v1/completions", json=body) as response:
        next(response.iter_lines())

    until(lambda: held(server) == 0)


def test_shutdown_ends_streams(project: Path, environment: Environment) -> None:
    settings = {"SHUTDOWN_DRAIN_SECONDS": "1", "SHUTDOWN_GRACE_SECONDS": "60"}
    with working(project, environment, settings, count=1) as workers:
        (server,) = workers.servers

        async def follow() -> list[str]:
            async with (
                httpx2.AsyncClient(base_url=server.url, timeout=60) as client,
                client.stream("GET", EVENTS) as response,
            ):
                return [line async for line in response.aiter_lines()]

        async def run() -> list[list[str]]:
            streams = [asyncio.create_task(follow()) for _ in range(20)]
            async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
                while (await client.get("/held")).json()["slots"] < 20:
                    await asyncio.sleep(0.05)
                server.process.send_signal(signal.SIGTERM)
            return await asyncio.gather(*streams)

        for lines in asyncio.run(run()):
            assert ": closing" in lines
        assert server.process.wait(timeout=60) == -signal.SIGTERM
        assert "Cancel" not in server.output


def test_the_document_tells_what_streams_are(workers: Workers) -> None:
    document = CLIENT.get(f"{workers.servers[0].url}/openapi.json").json()

    answer = document["paths"]["/api/v1/events/{topic}"]["get"]["responses"]["200"]
    assert "text/event-stream" in answer["content"]
    assert json.dumps(document["paths"]["/api/v1/files"]).count("multipart/form-data") == 1


def test_the_project_s_own_tests_pass_on_a_real_redis(
    tmp_path: Path, environment: Environment
) -> None:
    """The imitation that they use by default does not answer everything as Redis does."""
    project = generate(tmp_path, patterns=("streaming", "websockets"))
    add_insides(project, ["redis", "realtime"])

    result = environment.run(
        "pytest",
        "-q",
        "--numprocesses=2",
        "tests/realtime",
        DESTINATION,
        cwd=project,
        env={"TEST_REDIS_URL": REDIS.url},
    )

    assert result.code == 0, result.out
