"""A client that asks for one thing over and over, on connections that stay open.

It reads no more of an answer than it must, so that it can keep a server busy from one core.
"""

import asyncio
import re
from dataclasses import dataclass
from time import perf_counter

CONNECTIONS = 16
_LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n")


@dataclass(frozen=True)
class Request:
    """What is asked for, and the status that it is answered with."""

    method: str
    path: str
    status: int = 200
    body: bytes = b""
    headers: tuple[str, ...] = ()
    """Further lines of the head."""

    def encode(self) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", *self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        if self.body and not any(line.startswith("Content-Type") for line in self.headers):
            lines.append("Content-Type: application/json")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Answers:
    count: int
    seconds: float
    """From the first request to the last answer."""
    last: bytes
    """The last body."""


def ask(
    port: int, request: Request, seconds: float = 0, *, connections: int = CONNECTIONS
) -> Answers:
    """Ask for `seconds` over all connections, each again when it has its answer; at least once.

    Raises:
        RuntimeError: an answer has another status, or a connection was closed.
    """
    return asyncio.run(_ask(port, request, seconds, connections))


async def _ask(port: int, request: Request, seconds: float, number: int) -> Answers:
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: _Connection(request), "127.0.0.1", port)
        for _ in range(number)
    ]
    started = perf_counter()
    connections = [connection for _, connection in opened]
    for connection in connections:
        connection.begin(started + seconds)
    await asyncio.gather(*(connection.done for connection in connections))
    ended = perf_counter()
    for transport, _ in opened:
        transport.close()
    count = sum(connection.count for connection in connections)
    return Answers(count, ended - started, connections[-1].body)


class _Connection(asyncio.Protocol):
    def __init__(self, request: Request) -> None:
        self.count = 0
        self.body = b""
        self.done = asyncio.get_running_loop().create_future()
        self._request = request.encode()
        self._status = b"HTTP/1.1 %d " % request.status
        self._read = b""
        self._until = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def begin(self, until: float) -> None:
        self._until = until
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head = self._read.find(b"\r\n\r\n") + 4
        if head < 4:
            return
        length = _LENGTH.search(self._read, 0, head)
        if not self._read.startswith(self._status) or length is None:
            self._fail(f"an answer that was not expected: {self._read!r}")
            return
        if len(self._read) < head + int(length[1]):
            return
        self.count += 1
        self.body, self._read = self._read[head:], b""
        if perf_counter() < self._until:
            self._transport.write(self._request)
        elif not self.done.done():
            self.done.set_result(None)

    def connection_lost(self, _error: Exception | None) -> None:
        self._fail("the server has closed a connection")

    def _fail(self, message: str) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(message))
