"""A service of two workers, as settings ask for it, on PostgreSQL and Redis: many at once, and the
end with everything open.
"""

import asyncio
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection

from tests.environment import Environment
from tests.live.readers import Reader, following
from tests.live.realtime import open_in, processes, working
from tests.live.server import Server, until
from tests.live.sockets import close_code, entering, hear, say
from tests.services import POSTGRESQL
from tests.support import generate

MANY = 1000
ROWS = 200_000
FILL = f"""
INSERT INTO items (name, price, status, version, created_at, updated_at)
SELECT 'lamp', 12.50, 'draft', 1, now(), now() FROM generate_series(1, {ROWS})
"""
CSV = "/api/v1/items/export.csv"
GRACE_SECONDS = 3
SETTINGS = {"WORKERS": "2", "SHUTDOWN_DRAIN_SECONDS": "0", "SHUTDOWN_GRACE_SECONDS": "60"}
FOR_EVER = "600"
"""A drain that a test does not wait for: its server is killed."""


@dataclass(frozen=True)
class Setting:
    """A project, and a database with many items."""

    project: Path
    environment: Environment
    url: str

    @contextmanager
    def serving(self, **more: str) -> Iterator[Server]:
        """The project in two workers, until the end of the block."""
        settings = {**SETTINGS, "DATABASE_URL": self.url, **more}
        with working(self.project, self.environment, settings, count=1) as workers:
            (server,) = workers.servers
            until(lambda: server.output.count("Application startup complete") == 2)
            yield server


@pytest.fixture(scope="module")
def setting(
    tmp_path_factory: pytest.TempPathFactory, environment: Environment
) -> Iterator[Setting]:
    folder = tmp_path_factory.mktemp("workers")
    project = generate(folder, patterns=("database", "streaming", "websockets"))
    with POSTGRESQL.database(environment) as database:
        url = f"{POSTGRESQL.url}{database}"
        environment.migrate(project, {"DATABASE_URL": url})
        POSTGRESQL.run(environment, FILL, database)
        yield Setting(project, environment, url)


async def at_once(stack: AsyncExitStack, server: Server, count: int) -> Sequence[ClientConnection]:
    """So many sockets in one room."""
    sockets: list[ClientConnection] = []
    for start in range(0, count, 50):
        sockets += await asyncio.gather(
            *(
                stack.enter_async_context(entering(server))
                for _ in range(start, min(start + 50, count))
            )
        )
    return sockets


def test_no_worker_is_ready_after_sigterm(setting: Setting) -> None:
    # Each request has its own connection, which either worker accepts.
    no_reuse = httpx2.Limits(max_keepalive_connections=0)
    with (
        setting.serving(SHUTDOWN_DRAIN_SECONDS=FOR_EVER) as server,
        httpx2.Client(base_url=server.url, limits=no_reuse, timeout=60) as client,
    ):
        assert client.get("/ready").status_code == 200

        server.process.send_signal(signal.SIGTERM)
        until(lambda: server.output.count("draining") == 2)

        assert {client.get("/ready").status_code for _ in range(40)} == {503}


def test_a_thousand_hear(setting: Setting) -> None:
    async def run(server: Server) -> None:
        async with AsyncExitStack() as stack:
            clients = await at_once(stack, server, MANY)
            assert sorted(map(open_in, processes(server)))[-2] > MANY // 10  # in both workers
            await say(clients[0], "to all")
            heard = await asyncio.gather(*map(hear, clients))
            assert {message["text"] for message in heard} == {"to all"}
            assert len({message["id"] for message in heard}) == 1

    with setting.serving() as server:
        asyncio.run(run(server))


async def complete(server: Server, words: int, has_begun: asyncio.Event) -> str:
    """A completion as it ended; its words take their time."""
    body = {"prompt": "word " * words, "max_tokens": words}
    async with (
        httpx2.AsyncClient(base_url=server.url, timeout=60) as client,
        client.stream("POST", "/api/v1/completions", json=body) as response,
    ):
        has_begun.set()
        return "".join([text async for text in response.aiter_text()])


class SlowExport:
    """Reads an export bit by bit until it is told to hurry."""

    def __init__(self) -> None:
        self.hurry = asyncio.Event()
        self.has_begun = asyncio.Event()

    async def read(self, server: Server) -> bytearray:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=4096)
        writer.write(f"GET {CSV} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        data = bytearray(await reader.read(1000))
        self.has_begun.set()
        while not data.endswith(b"\r\n0\r\n\r\n") and (chunk := await reader.read(65_536)):
            data += chunk
            if not self.hurry.is_set():
                await asyncio.sleep(0.01)
        writer.close()
        return data


def test_connections_stay_open_during_the_drain(setting: Setting) -> None:
    """A load balancer has time to look elsewhere."""

    async def run(server: Server) -> None:
        async with (
            following(server) as reader,
            entering(server) as client,
            httpx2.AsyncClient(base_url=server.url, timeout=60) as publisher,
        ):
            server.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(until, lambda: server.output.count("draining") == 2)

            await say(client, "still here")
            assert (await hear(client))["text"] == "still here"
            event = {"type": "n", "data": {}}
            sent = await publisher.post("/api/v1/events/news", json=event)
            await reader.has(sent.json()["id"])
            assert ": closing" not in reader.comments

    with setting.serving(SHUTDOWN_DRAIN_SECONDS=FOR_EVER) as server:
        asyncio.run(run(server))


def test_shutdown_closes_streams_and_finishes_requests(setting: Setting) -> None:
    async def run(server: Server) -> None:
        async with AsyncExitStack() as stack:
            readers: list[Reader] = [
                await stack.enter_async_context(following(server)) for _ in range(20)
            ]
            sockets = await at_once(stack, server, 20)
            export = SlowExport()
            exporting = asyncio.create_task(export.read(server))
            closing = [asyncio.create_task(close_code(client)) for client in sockets]
            await export.has_begun.wait()
            has_begun = asyncio.Event()
            completing = asyncio.create_task(complete(server, 250, has_begun))  # five seconds
            await has_begun.wait()

            server.process.send_signal(signal.SIGTERM)

            assert await asyncio.gather(*closing) == [1001] * 20
            for reader in readers:
                await reader.until(lambda reader=reader: ": closing" in reader.comments)  # type: ignore[misc]
            export.hurry.set()
            text, rows = await asyncio.gather(completing, exporting)
            assert "event: done" in text
            assert rows.count(b",lamp,") == ROWS

    with setting.serving(SHUTDOWN_DRAIN_SECONDS="1") as server:
        asyncio.run(run(server))
        server.process.wait(timeout=60)
        assert "Traceback" not in server.output


def test_open_connections_are_dropped_after_the_grace_period(setting: Setting) -> None:
    """A reader that has stopped, a text that goes on for minutes, a socket that answers nothing."""
    with setting.serving(SHUTDOWN_GRACE_SECONDS=str(GRACE_SECONDS)) as server:
        took = seconds_until_it_ends(server)

    assert took < GRACE_SECONDS + 30  # of which the machine may take its share


def seconds_until_it_ends(server: Server) -> float:
    """Stop a server while clients keep their connections; how long that takes."""
    stuck = socket.create_connection(("127.0.0.1", server.port))
    stuck.sendall(f"GET {CSV} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert stuck.recv(100).startswith(b"HTTP/1.1 200")

    async def run() -> float:
        async with AsyncExitStack() as stack:
            (client,) = await at_once(stack, server, 1)
            client.transport.pause_reading()
            has_begun = asyncio.Event()
            endless = asyncio.create_task(complete(server, 3000, has_begun))
            await has_begun.wait()
            server.process.send_signal(signal.SIGTERM)
            told_at = time.monotonic()
            await asyncio.to_thread(server.process.wait, 120)
            client.transport.abort()
            await asyncio.gather(endless, return_exceptions=True)
            return time.monotonic() - told_at

    took = asyncio.run(run())
    stuck.close()
    return took
