"""Streams of two processes: across them, over outages, to clients that leave or do not read."""

import asyncio
import json
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tests.environment import Environment
from tests.live.realtime import Workers, memory, open_files, working
from tests.live.server import Server
from tests.live.test_server import until
from tests.support import generate

EVENTS = "/api/v1/events/news"
SECONDS_AWAY = 10
ROWS = 200_000

# Many rows at once, and a row that breaks an export in its middle.
EXTRA = """
from app.core.lifespan import Connection
from app.core.routing import flatten
from app.core.streams import response
from app.main import app, create_app
from app.models.item import Item, ItemStatus
from datetime import UTC, datetime
from decimal import Decimal

app = create_app()
response.STALL_SECONDS = 5


@app.post("/fill/{count}")
async def fill(count: int, connection: Connection) -> int:
    storage, now = connection.state["storage"], datetime.now(UTC)
    for number in range(1, count + 1):
        storage.tables[Item][number] = Item(id=number, created_at=now, updated_at=now, version=1,
            name="a lamp", description=None, price=Decimal("12.50"), status=ItemStatus.DRAFT)
    storage.last_ids[Item] = count
    return count


@app.post("/break/{number}")
async def break_(number: int, connection: Connection) -> int:
    connection.state["storage"].tables[Item][number] = Item(id=number, created_at=None,
        updated_at=None, version=1, name=None, description=None, price=None, status=None)
    return number


@app.get("/slots")
async def slots(connection: Connection) -> int:
    return connection.state["slots"].taken


flatten(app)
"""
RUN = "import extra, app.main, app.__main__ as m; app.main.app = extra.app; m.main()"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp("streaming"), patterns=("streaming",))
    (project / "extra.py").write_text(EXTRA)
    main = project / "app" / "__main__.py"
    main.write_text(main.read_text().replace('"app.main:app"', '"extra:app"'))
    return project


@pytest.fixture(scope="module")
def workers(project: Path, environment: Environment) -> Iterator[Workers]:
    with working(project, environment, {"EVENT_HEARTBEAT_SECONDS": "1"}) as workers:
        yield workers


@asynccontextmanager
async def following(
    server: Server, last_id: str | None = None
) -> AsyncIterator[AsyncIterator[str]]:
    """The ids of the events of a stream that is open; `reset` for a reset."""
    headers = {} if last_id is None else {"Last-Event-ID": last_id}
    async with (
        httpx2.AsyncClient(base_url=server.url, timeout=60) as client,
        client.stream("GET", EVENTS, headers=headers) as response,
    ):
        assert response.status_code == 200
        lines = response.aiter_lines()
        while not (await anext(lines)).startswith(": open"):
            pass

        async def ids() -> AsyncIterator[str]:
            async for line in lines:
                if line.startswith(("id: ", "event: reset")):
                    yield line.removeprefix("id: ").removeprefix("event: ")

        yield ids()


async def publish(client: httpx2.AsyncClient, number: int = 0) -> str | None:
    """The id of a new event; None if it was not taken."""
    answer = await client.post(EVENTS, json={"type": "n", "data": {"n": number}})
    assert answer.status_code in (202, 503), answer.text
    return str(answer.json()["id"]) if answer.status_code == 202 else None


def test_events_reach_both_workers_and_can_be_resumed(workers: Workers) -> None:
    one, other = workers.servers

    async def run() -> None:
        async with httpx2.AsyncClient(base_url=one.url, timeout=60) as client:
            async with following(other) as ids:
                published = [await publish(client, number) for number in range(50)]
                assert [await anext(ids) for _ in range(20)] == published[:20]
            published += [await publish(client, number) for number in range(50)]
            async with following(one, published[19]) as ids:
                assert [await anext(ids) for _ in range(80)] == published[20:]

    asyncio.run(run())


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
                    if (event_id := await publish(client)) is not None:
                        accepted.append(event_id)
                    await asyncio.sleep(0.05)
                if phase == 2:
                    workers.redis.refuse()
                elif phase == SECONDS_AWAY:
                    workers.redis.accept()
            while (last := await publish(client)) is None:
                await asyncio.sleep(0.1)
            accepted.append(last)
            for ids in (here, there):
                seen = []
                while not seen or seen[-1] != last:
                    seen.append(await asyncio.wait_for(anext(ids), 60))
                # One that was sent when the connection broke may have been kept all the same.
                assert [event_id for event_id in seen if event_id in accepted] == accepted
                assert seen == sorted(set(seen), key=lambda one: [*map(int, one.split("-"))])

    asyncio.run(run())


def test_clients_that_leave_early_leave_nothing(workers: Workers) -> None:
    """Before the first byte, and after it."""
    server = workers.servers[0]
    taken = f"{server.url}/slots"
    before = open_files(server)
    request = f"GET {EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    for is_patient in (False, True):
        connections = []
        for _ in range(200):
            connection = socket.create_connection(("127.0.0.1", server.port))
            connection.sendall(request)
            connections.append(connection)
        if is_patient:
            until(lambda: httpx2.get(taken).json() == 200)
        for connection in connections:
            connection.close()
        until(lambda: httpx2.get(taken).json() == 0)
    until(lambda: open_files(server) <= before + 5)


def test_who_does_not_read_is_cut_off_and_others_are_not(workers: Workers) -> None:
    one, _ = workers.servers
    stuck = socket.create_connection(("127.0.0.1", one.port))
    stuck.sendall(f"GET {EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    until(lambda: httpx2.get(f"{one.url}/slots").json() == 1)

    async def run() -> None:
        event = {"type": "n", "data": {"text": "x" * 50_000}}
        async with (
            httpx2.AsyncClient(base_url=one.url, timeout=60) as client,
            following(one) as ids,
        ):
            for _ in range(300):
                accepted = (await client.post(EVENTS, json=event)).json()["id"]
                assert await asyncio.wait_for(anext(ids), 60) == accepted

    asyncio.run(run())
    until(lambda: httpx2.get(f"{one.url}/slots").json() == 0)
    stuck.close()


@pytest.fixture(scope="module")
def filled(workers: Workers) -> Server:
    server = workers.servers[1]
    assert httpx2.post(f"{server.url}/fill/{ROWS}", timeout=120).json() == ROWS
    return server


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_an_export_takes_no_memory_however_long_it_is(filled: Server, suffix: str) -> None:
    before, peak, lines = memory(filled), 0, 0
    url = f"{filled.url}/api/v1/items/export.{suffix}"
    with httpx2.stream("GET", url, timeout=120, headers={"Accept-Encoding": ""}) as response:
        for chunk in response.iter_bytes():
            lines += chunk.count(b"\n")
            peak = max(peak, memory(filled))

    assert lines == ROWS + (suffix == "csv")
    assert peak - before < 20_000_000


def test_a_slow_reader_is_waited_for(filled: Server) -> None:
    """It holds up nobody, and nothing piles up."""
    before = memory(filled)
    with socket.create_connection(("127.0.0.1", filled.port)) as reader:
        reader.sendall(b"GET /api/v1/items/export.csv HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert reader.recv(1000).startswith(b"HTTP/1.1 200")
        for _ in range(20):
            reader.recv(1000)
            assert httpx2.get(f"{filled.url}/health").status_code == 200

        assert memory(filled) - before < 20_000_000
    until(lambda: httpx2.get(f"{filled.url}/slots").json() == 0)


def test_an_export_that_breaks_does_not_look_whole(filled: Server) -> None:
    httpx2.post(f"{filled.url}/break/{ROWS // 2}")

    with (
        pytest.raises(httpx2.RemoteProtocolError),
        httpx2.stream("GET", f"{filled.url}/api/v1/items/export.csv", timeout=60) as response,
    ):
        assert response.status_code == 200
        for _ in response.iter_bytes():
            pass


def test_an_upload_that_breaks_off_leaves_nothing(project: Path, workers: Workers) -> None:
    server = workers.servers[0]
    head = (
        "POST /api/v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
        'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    )
    incoming = project / "files" / ".incoming"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + b"x" * 400_000)
        until(lambda: incoming.exists() and any(incoming.iterdir()))

    until(lambda: not any(incoming.iterdir()))
    assert not (project / "files" / "everybody").exists()


def test_text_stops_when_its_client_leaves(workers: Workers) -> None:
    server = workers.servers[0]
    body = {"prompt": "word " * 1000, "max_tokens": 1000}
    with httpx2.stream("POST", f"{server.url}/api/v1/completions", json=body) as response:
        next(response.iter_lines())

    until(lambda: httpx2.get(f"{server.url}/slots").json() == 0)


def test_at_the_end_streams_are_told(project: Path, environment: Environment) -> None:
    settings = {"SHUTDOWN_DRAIN_SECONDS": "1", "SHUTDOWN_GRACE_SECONDS": "15"}
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
            async with httpx2.AsyncClient(base_url=server.url) as client:
                while (await client.get("/slots")).json() < 20:
                    await asyncio.sleep(0.05)
                server.process.send_signal(signal.SIGTERM)
                while (await client.get("/ready")).status_code != 503:
                    await asyncio.sleep(0.01)
            return await asyncio.gather(*streams)

        for lines in asyncio.run(run()):
            assert ": closing" in lines
        assert server.process.wait(timeout=15) == -signal.SIGTERM
        assert "Cancel" not in server.output


def test_the_document_tells_what_streams_are(workers: Workers) -> None:
    document = httpx2.get(f"{workers.servers[0].url}/openapi.json").json()

    answer = document["paths"]["/api/v1/events/{topic}"]["get"]["responses"]["200"]
    assert "text/event-stream" in answer["content"]
    assert json.dumps(document["paths"]["/api/v1/files"]).count("multipart/form-data") == 1
