"""A TCP proxy that does to connections what networks do."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.live.server import free_port


class FaultProxy:
    """Passes everything on, until it is told to misbehave. It lives in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._loop = asyncio.new_event_loop()
        self._listening: socket.socket | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.delay = 0.0
        """Seconds that everything which the server says comes late."""
        self.sent = 0
        """How often the client has sent something: the round trips, if it waits for each answer."""
        self.port = free_port()

    def cut(self) -> None:
        """End all connections; new ones are fine."""
        self._do(self._cut)

    def refuse(self) -> None:
        """End all connections, and take no new ones."""
        self._do(self._refuse)

    def accept(self) -> None:
        """Take connections again, on the same port."""
        self._do(self._listen)

    def black_hole(self) -> None:
        """Keep connections open, take new ones, and pass nothing on."""
        self._do(self._stop_flow)

    def flow(self) -> None:
        """Pass on again, what was held back too."""
        self._do(self._start_flow)

    async def _listen(self) -> None:
        # Not by `asyncio.start_server`: in Python 3.11, a connection that comes while the server is
        # closed is neither passed on nor closed.
        if self._listening is None:
            self._listening = socket.create_server(("127.0.0.1", self.port))
            self._listening.setblocking(False)
            self._loop.add_reader(self._listening, self._accept, self._listening)

    def _accept(self, listening: socket.socket) -> None:
        near, _ = listening.accept()
        connection = self._loop.create_task(self._connect(near))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)
        connection.add_done_callback(lambda _: near.close())  # also before its first step

    async def _refuse(self) -> None:
        if self._listening is not None:
            self._loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None
        await self._cut()

    async def _cut(self) -> None:
        """Also those that are being opened."""
        connections = [*self._connections]
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _stop_flow(self) -> None:
        self._flows.clear()

    async def _start_flow(self) -> None:
        self._flows.set()

    async def _connect(self, near: socket.socket) -> None:
        writers: list[asyncio.StreamWriter] = []
        try:
            reader, writer = await asyncio.open_connection(sock=near)
            writers.append(writer)
            await self._flows.wait()
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            writers.append(far_writer)
            await asyncio.gather(
                self._pass_on(reader, far_writer, late=False),
                self._pass_on(far_reader, writer, late=True),
            )
            for each in writers:
                await each.wait_closed()
        except (OSError, asyncio.CancelledError):  # nobody is there, or the connection is cut
            for each in writers:
                each.transport.abort()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, late: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if late and self.delay:
                    await asyncio.sleep(self.delay)
                await self._flows.wait()
                self.sent += not late
                writer.write(data)
                await writer.drain()
        writer.close()

    def _do(self, action: Callable[[], Coroutine[Any, Any, None]]) -> None:
        asyncio.run_coroutine_threadsafe(action(), self._loop).result(timeout=30)

    @contextmanager
    def running(self) -> Iterator["FaultProxy"]:
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        self.accept()
        try:
            yield self
        finally:
            self._do(self._refuse)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(timeout=30)
            self._loop.close()
