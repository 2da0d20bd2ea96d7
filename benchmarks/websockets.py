"""What is said in a room, until all have heard it: `python -m benchmarks.websockets`.

It uses keys of its own on 127.0.0.1:6379, and removes them at the end.
"""

import asyncio
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.compared_apps import generated
from benchmarks.crowd import listening
from benchmarks.load import Request
from benchmarks.machine import CLIENT_CORE, description, pin
from benchmarks.rounds import Spread, interleaved, ratio
from benchmarks.servers import Application, Server, serve
from benchmarks.tables import publish
from tests.environment import prepare
from tests.live.realtime import set_constants
from tests.services import REDIS
from tests.support import ROOT, generate

ROUNDS = 5
REPEATS = 5
DISTRIBUTIONS = ["fastapi", "starlette", "redis", "hiredis", "uvicorn", "uvloop", "websockets"]
HANDSHAKE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
)
SAID = b'{"type": "message", "text": "tock"}'
# A text in one frame, masked with zeros.
FRAME = bytes([0x81, 0x80 | len(SAID)]) + bytes(4) + SAID
SILENCE_SECONDS = 2
"""After that, who has entered is known to everybody."""


def main() -> None:
    with TemporaryDirectory() as name:
        project = generate(Path(name), patterns=("websockets",))
        set_constants(project / "app/realtime/sockets.py", MESSAGES_PER_SECOND=1_000_000)
        environment = prepare(project)
        about = f"{description(environment.python, DISTRIBUTIONS)}, Redis on the same machine."
        pin(os.getpid(), CLIENT_CORE)
        bare = Application(ROOT, "benchmarks.bare_realtime:app", ("--no-access-log",))
        variables = generated(project).variables
        with REDIS.keys(environment) as prefix:
            redis = {"REDIS_URL": REDIS.url, "REDIS_PREFIX": prefix}
            alone = Application(project, "app.main:app", bare.options, variables)
            shared = Application(project, "app.main:app", bare.options, {**variables, **redis})
            with (
                serve(bare, environment) as by_hand,
                serve(alone, environment) as one,
                serve(shared, environment) as first,
                serve(shared, environment) as second,
            ):
                servers = {
                    "by hand": ([by_hand], "/ws"),
                    "generated": ([one], "/api/v1/ws/hall"),
                    "generated, over Redis": ([first], "/api/v1/ws/hall"),
                    "generated, two processes": ([first, second], "/api/v1/ws/hall"),
                    "by hand, again: noise": ([by_hand], "/ws"),
                }
                _write("broadcasts", about, _broadcasts(servers))
                _write("stalled", about, _stalled(servers))


def _write(name: str, about: str, rows: list[list[str]]) -> None:
    headers = {
        "broadcasts": ["what", "until the last has heard, ms", "/ by hand"],
        "stalled": ["500 messages to 50 clients, one of which does not read", "/ without that one"],
    }
    publish(name, about, headers[name], rows)


Servers = Mapping[str, tuple[Sequence[Server], str]]


def _broadcasts(servers: Servers) -> list[list[str]]:
    rows = []
    for size in (200, 1000):
        found = interleaved(
            {name: partial(_broadcast, *at, size) for name, at in servers.items()}, ROUNDS
        )
        rows += [
            [
                f"{size} clients, {name}",
                f"{Spread.of([seconds * 1000 for seconds in taken]):.0f}",
                f"{ratio(taken, found['by hand']):.2f}",
            ]
            for name, taken in found.items()
        ]
    return rows


def _broadcast(where: Sequence[Server], path: str, size: int) -> float:
    return asyncio.run(_say(where, path, size, REPEATS)) / REPEATS


def _stalled(servers: Servers) -> list[list[str]]:
    """By hand it never ends: that has no figure."""
    where, path = servers["generated"]
    stalling = partial(_beside_a_stalled_one, where, path)
    alone = partial(_many, where, path)
    found = interleaved({"alone": alone, "stalled": stalling, "again": alone}, ROUNDS)
    return [
        [name, f"{ratio(found[key], found['alone']):.2f}"]
        for name, key in {"generated": "stalled", "the same without: noise": "again"}.items()
    ]


def _many(where: Sequence[Server], path: str) -> float:
    return asyncio.run(_say(where, path, 50, 500))


def _beside_a_stalled_one(where: Sequence[Server], path: str) -> float:
    with _one_that_does_not_read(where[0].port, path):
        return _many(where, path)


@contextmanager
def _one_that_does_not_read(port: int, path: str) -> Iterator[None]:
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.connect(("127.0.0.1", port))
        stalled.sendall(Request("GET", path, 101, headers=HANDSHAKE).encode())
        yield


async def _say(where: Sequence[Server], path: str, size: int, times: int) -> float:
    """Seconds for so many messages to so many clients, each until all have heard it."""
    request = Request("GET", path, 101, headers=HANDSHAKE).encode()
    share = size // len(where)
    async with (
        listening(where[0].port, request, b'"tock"', share) as ears,
        listening(where[-1].port, request, b'"tock"', size - share) as others,
    ):
        ears.extend(others)
        await asyncio.sleep(SILENCE_SECONDS)
        began = perf_counter()
        for _ in range(times):
            heard = [asyncio.ensure_future(ear.hear(1)) for ear in ears]
            await asyncio.sleep(0)
            ears[0].transport.write(FRAME)
            await asyncio.gather(*heard)
        return perf_counter() - began


if __name__ == "__main__":
    main()
