"""Rooms over two processes, and clients that misbehave."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.environment import Environment
from tests.live.realtime import Workers, open_files, working
from tests.live.server import Server
from tests.live.test_server import until
from tests.support import generate

SETTINGS = {"PRESENCE_SECONDS": "3"}
SECONDS_AWAY = 10
MANY = 1000


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("websockets"), patterns=("websockets",))


@pytest.fixture(scope="module")
def workers(project: Path, environment: Environment) -> Iterator[Workers]:
    with working(project, environment, SETTINGS) as workers:
        yield workers


@asynccontextmanager
async def entering(
    server: Server, room: str = "lobby", query: str = "", **options: Any
) -> AsyncIterator[ClientConnection]:
    url = f"ws://127.0.0.1:{server.port}/api/v1/ws/{room}{query}"
    async with connect(url, compression=None, open_timeout=60, **options) as client:
        yield client


async def say(client: ClientConnection, text: str) -> None:
    await client.send(json.dumps({"type": "message", "text": text}))


async def hear(client: ClientConnection, kind: str = "message") -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (message := json.loads(await client.recv()))["type"] != kind:
            pass
    found: dict[str, Any] = message
    return found


async def close_code(client: ClientConnection) -> int:
    """How the service has closed it."""
    try:
        async with asyncio.timeout(60):
            while True:
                await client.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def test_what_one_says_reaches_all_in_both_workers(workers: Workers) -> None:
    async def run() -> None:
        one, other = workers.servers
        async with entering(one) as ann, entering(other) as bob:
            await say(ann, "hello")
            heard = [await hear(client) for client in (ann, bob)]
            assert heard[0] == heard[1]
            members = (await hear(bob, "presence"))["members"]
            while len(members) < 2:
                members = (await hear(bob, "presence"))["members"]
            assert heard[0]["sender"] in members

    asyncio.run(run())


def test_a_thousand_hear(workers: Workers) -> None:
    async def run() -> None:
        async with AsyncExitStack() as stack:
            clients = []
            for start in range(0, MANY, 50):
                clients += await asyncio.gather(
                    *(
                        stack.enter_async_context(
                            entering(workers.servers[number % 2], "many", ping_interval=None)
                        )
                        for number in range(start, start + 50)
                    )
                )
            await say(clients[0], "to all")
            heard = await asyncio.gather(*(hear(client) for client in clients))
            assert {message["text"] for message in heard} == {"to all"}
            assert len(heard) == MANY

    asyncio.run(run())


def test_who_misbehaves_harms_only_itself(workers: Workers) -> None:
    async def flood(client: ClientConnection) -> None:
        for _ in range(2000):
            await client.send('{"type": "ping"}')

    async def large(client: ClientConnection) -> None:
        await client.send("x" * 10_000_000)

    async def binary(client: ClientConnection) -> None:
        await client.send(b"x")

    async def run() -> None:
        one, other = workers.servers
        async with entering(one, "bad") as ann, entering(other, "bad") as bob:
            for act, code in ((flood, 1008), (large, 1009), (binary, 1003)):
                async with entering(one, "bad") as client:
                    with suppress(ConnectionClosed):
                        await act(client)
                    assert await close_code(client) in (code, 1006)
                await say(ann, "still here")
                assert (await hear(bob))["text"] == "still here"

    asyncio.run(run())


def test_who_never_reads_is_dropped_and_nobody_waits(
    project: Path, environment: Environment
) -> None:
    """The others hear each message as it is said; in the end the one is not there any more."""
    text = "x" * 4000
    settings = {"SOCKET_BURST": "10000", "SOCKET_QUEUE": "8", **SETTINGS}

    async def run(workers: Workers) -> None:
        one, other = workers.servers
        async with (
            entering(one, "slow", max_queue=1) as stuck,
            entering(one, "slow") as ann,
            entering(other, "slow") as bob,
        ):
            stuck.transport.pause_reading()
            members = 3
            while members == 3:
                for _ in range(100):
                    await say(ann, text)
                    assert [(await hear(client))["text"] for client in (ann, bob)] == [text, text]
                async with entering(other, "slow") as visitor:
                    members = len((await hear(visitor, "presence"))["members"]) - 1
            stuck.transport.abort()

    with working(project, environment, settings) as workers:
        asyncio.run(asyncio.wait_for(run(workers), 120))


def test_who_leaves_mid_broadcast_leaves_nothing(workers: Workers) -> None:
    one, other = workers.servers
    before = open_files(other)

    async def run() -> None:
        async with entering(one, "leaving") as ann, entering(other, "leaving") as bob:
            for round_ in range(3):
                async with AsyncExitStack() as stack:
                    leaving = [
                        await stack.enter_async_context(entering(other, "leaving"))
                        for _ in range(50)
                    ]
                    await say(ann, str(round_))
                    for client in leaving:
                        client.transport.abort()
                assert (await hear(bob))["text"] == str(round_)

    asyncio.run(run())
    until(lambda: open_files(other) <= before + 5)


def test_redis_may_be_away(workers: Workers) -> None:
    async def run() -> None:
        one, other = workers.servers
        async with entering(one, "away") as ann, entering(other, "away") as bob:
            workers.redis.refuse()
            await say(ann, "lost")
            assert (await hear(ann, "error"))["code"] == "unavailable"
            await asyncio.sleep(SECONDS_AWAY)
            workers.redis.accept()
            hearing = asyncio.create_task(hear(bob))
            while not hearing.done():
                await say(ann, "back")
                await asyncio.sleep(0.2)
            assert hearing.result()["text"] == "back"

    asyncio.run(run())


def test_who_was_in_a_killed_process_is_not_shown_for_long(
    project: Path, environment: Environment
) -> None:
    async def run(workers: Workers) -> None:
        one, other = workers.servers
        async with entering(one) as ann:
            client = await connect(f"ws://127.0.0.1:{other.port}/api/v1/ws/lobby")
            while len((await hear(ann, "presence"))["members"]) < 2:
                pass
            other.process.kill()
            while len((await hear(ann, "presence"))["members"]) > 1:
                pass
            client.transport.abort()

    with working(project, environment, SETTINGS) as workers:
        asyncio.run(run(workers))


def test_at_the_end_sockets_are_told(project: Path, environment: Environment) -> None:
    async def run(server: Server) -> list[int]:
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(entering(server)) for _ in range(100)]
            server.process.send_signal(signal.SIGTERM)
            return await asyncio.gather(*map(close_code, clients))

    with working(project, environment, {"SHUTDOWN_GRACE_SECONDS": "15"}, count=1) as workers:
        (server,) = workers.servers
        assert asyncio.run(run(server)) == [1001] * 100
        assert server.process.wait(timeout=15) == -signal.SIGTERM


@pytest.fixture(scope="module")
def user_workers(
    tmp_path_factory: pytest.TempPathFactory, environment: Environment
) -> Iterator[Workers]:
    project = generate(
        tmp_path_factory.mktemp("users"), patterns=("database", "auth", "websockets")
    )
    variables = {
        "DATABASE_URL": f"sqlite:///{project / 'own.db'}",
        "ACCESS_TOKEN_TTL_SECONDS": "900",
        "PASSWORD_MEMORY_KIB": "64",
    }
    environment.migrate(project, variables)
    with working(project, environment, variables) as workers:
        yield workers


@pytest.fixture
def user(user_workers: Workers) -> Iterator[httpx2.Client]:
    client = httpx2.Client(base_url=user_workers.servers[0].url, timeout=60)
    email = f"ann{os.urandom(4).hex()}@example.com"
    account = {"email": email, "password": "a tall ship at dawn"}
    client.post("/api/v1/auth/register", json=account)
    form = {"username": email, "password": account["password"]}
    token = client.post("/api/v1/auth/token", data=form).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    yield client
    client.close()


def test_a_ticket_is_good_once_in_whichever_worker(
    user_workers: Workers, user: httpx2.Client
) -> None:
    one, other = user_workers.servers
    ticket = user.post("/api/v1/ws/ticket", json={"room": "lobby"}).json()["ticket"]

    async def run() -> None:
        async with entering(other, query=f"?ticket={ticket}") as client:
            await say(client, "hi")
            assert (await hear(client))["sender"].startswith("user-")
        with pytest.raises(InvalidStatus) as refused:
            async with entering(one, query=f"?ticket={ticket}"):
                pass
        assert refused.value.response.status_code == 401

    asyncio.run(run())
    assert ticket not in one.output + other.output


def test_who_is_signed_out_in_one_worker_is_closed_in_the_other(
    user_workers: Workers, user: httpx2.Client
) -> None:
    token = user.headers["Authorization"].removeprefix("Bearer ")

    async def run() -> None:
        async with entering(user_workers.servers[1], subprotocols=[f"bearer.{token}"]) as client:
            deleted = await asyncio.to_thread(user.delete, "/api/v1/users/me")
            assert deleted.status_code == 204
            assert await close_code(client) == 4401

    asyncio.run(run())
