"""A TCP proxy that does to connections what networks do."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any


class FaultProxy:
    """Passes everything on, until it is told to misbehave. It lives in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None
        self.delay = 0.0
        """Seconds that everything which the server says comes late."""
        self.sent = 0
        """How often the client has sent something: the round trips, if it waits for each answer."""
        self.port = 0

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
        if self._server is not None and self._server.is_serving():
            return
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()

    async def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _stop_flow(self) -> None:
        self._flows.clear()

    async def _start_flow(self) -> None:
        self._flows.set()

    async def _end(self) -> None:
        await self._refuse()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._flows.wait()
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            self._open |= {writer, far_writer}
            await asyncio.gather(
                self._pass_on(reader, far_writer, late=False),
                self._pass_on(far_reader, writer, late=True),
            )
        except (OSError, asyncio.CancelledError):  # nobody is there, or nobody is needed any more
            writer.close()

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
            self._do(self._end)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(timeout=30)
            self._loop.close()
