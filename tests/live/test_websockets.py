"""Rooms over two processes, and clients that misbehave."""

import asyncio
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.environment import Environment
from tests.live.realtime import Workers, memory, open_files, set_constants, working
from tests.live.server import Server, until
from tests.live.sockets import close_code, entering, hear, say
from tests.support import generate

SECONDS_AWAY = 10


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp("websockets"), patterns=("websockets",))
    set_constants(project / "app/realtime/presence.py", PRESENCE_SECONDS=3)
    return project


@pytest.fixture(scope="module")
def workers(project: Path, environment: Environment) -> Iterator[Workers]:
    with working(project, environment, {}) as workers:
        yield workers


def test_messages_reach_all_clients_of_both_workers(workers: Workers) -> None:
    async def run() -> None:
        one, other = workers.servers
        async with entering(one) as ann, entering(other) as bob:
            members: list[str] = []
            while len(members) < 2:
                members = (await hear(bob, "presence"))["members"]
            await say(ann, "hello")
            heard = [await hear(client) for client in (ann, bob)]
            assert heard[0] == heard[1]
            assert heard[0]["sender"] in members

    asyncio.run(run())


def test_misbehaving_clients_are_closed_alone(workers: Workers) -> None:
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


def test_slow_clients_are_closed_and_block_nobody(project: Path, environment: Environment) -> None:
    """The others hear each message as it is said; in the end the one is not there any more."""
    text = "x" * 4000
    sockets = project / "app/realtime/sockets.py"
    set_constants(sockets, BUFFER_SIZE=8, MESSAGES_PER_SECOND=2000)

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

    with working(project, environment, {}) as workers:
        set_constants(sockets, BUFFER_SIZE=64, MESSAGES_PER_SECOND=20)
        asyncio.run(run(workers))


PING, PONG = b"\x89\xfd", b"\x8a\xfd"
CONTROL = bytes(4) + b"x" * 125
START, FURTHER, END = (bytes([first, 0x80, 0, 0, 0, 0]) for first in (0x01, 0x00, 0x80))


@pytest.mark.parametrize(
    ("first", "frame"),
    [(b"", PING + CONTROL), (b"", PONG + CONTROL), (START, FURTHER)],
    ids=["pings", "pongs", "fragments"],
)
def test_a_flood_of_frames_is_closed_alone(workers: Workers, first: bytes, frame: bytes) -> None:
    async def run() -> None:
        one, other = workers.servers
        async with entering(one, "frames") as ann, entering(other, "frames") as bob:
            async with entering(one, "frames") as client:
                client.transport.write(first + frame * 100_000)
                assert await close_code(client) in (1008, 1006)
            await say(ann, "still here")
            assert (await hear(bob))["text"] == "still here"

    asyncio.run(run())
    assert "Traceback" not in workers.servers[0].output


def test_fragments_of_a_message_are_no_flood(workers: Workers) -> None:
    async def run() -> None:
        async with entering(workers.servers[0]) as client:
            await client.send([*'{"type": "message", "text": "', *"x" * 500, *'"}'])
            assert (await hear(client))["text"] == "x" * 500

    asyncio.run(run())


@pytest.fixture(scope="module")
def unlimited(project: Path, environment: Environment) -> Iterator[Server]:
    """A process that limits no frames."""
    protocol = project / "app/realtime/socket_protocol.py"
    set_constants(protocol, FRAMES_PER_SECOND=10**9)
    with working(project, environment, {}, count=1) as workers:
        set_constants(protocol, FRAMES_PER_SECOND=1000)
        yield workers.servers[0]


def test_pongs_that_nobody_reads_take_no_memory(unlimited: Server) -> None:
    before = memory(unlimited)

    async def flood() -> None:
        async with entering(unlimited) as client:
            client.transport.pause_reading()
            for _ in range(250):
                client.transport.write((PING + CONTROL) * 1000)
            with suppress(TimeoutError):
                async with asyncio.timeout(5):
                    while client.transport.get_write_buffer_size():
                        await asyncio.sleep(0.05)
            assert memory(unlimited) - before < 10_000_000
            client.transport.resume_reading()
            while client.transport.get_write_buffer_size():
                await asyncio.sleep(0.05)
            await client.send('{"type": "ping"}')
            await hear(client, "pong")

    asyncio.run(flood())


def test_empty_fragments_take_no_memory(unlimited: Server) -> None:
    before = memory(unlimited)

    async def flood() -> None:
        async with entering(unlimited) as client:
            client.transport.write(START)
            for _ in range(200):
                client.transport.write(FURTHER * 10_000)
                while client.transport.get_write_buffer_size():
                    await asyncio.sleep(0.01)
            taken = memory(unlimited) - before  # the end gives it back
            client.transport.write(END)
            assert (await hear(client, "error"))["code"] == "validation_error"
            assert taken < 10_000_000

    asyncio.run(flood())


def test_text_that_is_not_utf_8_fills_no_log(workers: Workers) -> None:
    server = workers.servers[0]
    frame = b"\x81\x81" + bytes(4) + b"\xff"

    async def run() -> None:
        async with entering(server) as client:
            client.transport.write(frame)
            assert await close_code(client) == 1007

    asyncio.run(run())
    assert "Traceback" not in server.output


@pytest.mark.parametrize(
    ("headers", "status"),
    [(["Transfer-Encoding: chunked"], b""), ([f"X-{n}: 1" for n in range(200)], b" 431 ")],
    ids=["a body", "too many headers"],
)
def test_a_handshake_that_is_refused_is_closed(
    workers: Workers, headers: list[str], status: bytes
) -> None:
    lines = [
        "GET /api/v1/ws/lobby HTTP/1.1",
        *("Host: localhost", "Connection: Upgrade", "Upgrade: websocket"),
        *headers,
    ]
    request = "".join(f"{line}\r\n" for line in [*lines, ""])
    answer = b""
    address = ("127.0.0.1", workers.servers[0].port)
    with socket.create_connection(address, timeout=60) as client:
        client.sendall(request.encode())
        while received := client.recv(1024):
            answer += received

    assert status in answer


def test_clients_that_leave_mid_broadcast_leak_nothing(workers: Workers) -> None:
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


@pytest.mark.parametrize("frames", [PING + CONTROL, b"\x83\x80" + bytes(4)], ids=["flood", "bad"])
def test_frames_before_the_socket_is_accepted_fill_no_log(workers: Workers, frames: bytes) -> None:
    server = workers.servers[0]
    workers.redis.refuse()  # the socket waits for its room
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
        client.sendall(
            b"GET /api/v1/ws/early HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        with suppress(ConnectionError):
            for _ in range(50):
                client.sendall(frames * 1000)
                time.sleep(0.001)
            assert client.recv(1024) == b""
    workers.redis.accept()
    assert "Traceback" not in server.output


def test_clients_of_a_killed_process_disappear(project: Path, environment: Environment) -> None:
    async def run(workers: Workers) -> None:
        one, other = workers.servers
        async with entering(one) as ann:
            url = f"ws://127.0.0.1:{other.port}/api/v1/ws/lobby"
            client = await connect(url, open_timeout=60)
            while len((await hear(ann, "presence"))["members"]) < 2:
                pass
            other.process.kill()
            while len((await hear(ann, "presence"))["members"]) > 1:
                pass
            client.transport.abort()
            await client.wait_closed()

    with working(project, environment, {}) as workers:
        asyncio.run(run(workers))


def test_shutdown_closes_sockets(project: Path, environment: Environment) -> None:
    async def run(server: Server) -> list[int]:
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(entering(server)) for _ in range(100)]
            server.process.send_signal(signal.SIGTERM)
            return await asyncio.gather(*map(close_code, clients))

    with working(project, environment, {"SHUTDOWN_GRACE_SECONDS": "15"}, count=1) as workers:
        (server,) = workers.servers
        assert asyncio.run(run(server)) == [1001] * 100
        assert server.process.wait(timeout=60) == -signal.SIGTERM
