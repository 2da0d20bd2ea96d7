"""Additions to uvicorn: limits on a client, and a parent process that passes SIGTERM on at once."""

import os
import signal
from http import HTTPStatus
from socket import socket
from types import FrameType

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

MAX_HEADER_BYTES = 131_072
"""Of all header fields of a request together, cookies included. Trailer fields count too."""
MAX_HEADERS = 1000
"""Each takes some 200 bytes of memory, however short it is."""
MAX_PIPELINED = 100
"""Requests of one connection that wait for the response to an earlier one."""
LARGE_READ = 65_536
"""Uvloop reads again at once, up to 32 times, while a client sends more than it can read."""
STATUS = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


class HTTPProtocol(HttpToolsProtocol):
    """Returns 431 and closes the connection if the headers of a request are too large or too many.

    Uvicorn's own reads them whole, whatever their size. It also takes the fields of a trailer for
    headers, which proxies do not check; here they are ignored (RFC 9110, section 6.5.1).

    Everything outside of bodies counts, but not the chunk in which a request starts, since others
    may end in it.

    A client that sends without a pause does not stop the others: after a large read they have their
    turn, and the connection is closed when too many requests wait. Uvicorn's own keeps all of them.
    """

    _bytes_outside = 0

    def data_received(self, data: bytes) -> None:
        self._bytes_outside += len(data)
        super().data_received(data)
        if self._bytes_outside > MAX_HEADER_BYTES:
            self._refuse()
        elif len(data) >= LARGE_READ and not self.flow.read_paused:
            self.flow.pause_reading()
            self.loop.call_soon(self.flow.resume_reading)

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MAX_PIPELINED:
            self.transport.close()
            raise ConnectionError("too many requests wait")  # the parser stops
        super().on_message_begin()
        self._bytes_outside = 0

    def on_headers_complete(self) -> None:
        if len(self.headers) > MAX_HEADERS:
            self._refuse()
            raise ConnectionError("too many headers")  # the parser stops
        super().on_headers_complete()
        self._bytes_outside = 0
        self.headers = [*self.headers]  # the fields of a trailer are added to this copy

    def on_body(self, body: bytes) -> None:
        self._bytes_outside = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _refuse(self) -> None:
        if self.transport.is_closing():
            return
        if getattr(self.cycle, "response_complete", True):  # no other response is on its way
            line = f"HTTP/1.1 {STATUS.value} {STATUS.phrase}\r\n"
            self.transport.write(f"{line}content-length: 0\r\nconnection: close\r\n\r\n".encode())
        self.transport.close()


class Supervisor(Multiprocess):
    """The parent process of several workers: it passes SIGTERM on at once.

    Uvicorn's own checks for signals every half second. Until then `/ready` would return 200.
    """

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        signal.signal(signal.SIGTERM, self._terminate)

    def _terminate(self, number: int, _frame: FrameType | None) -> None:
        self.signal_queue.append(number)
        for process in self.processes:
            if process.pid is not None and process.process.is_alive():
                os.kill(process.pid, number)
