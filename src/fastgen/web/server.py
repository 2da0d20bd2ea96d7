"""Serves the page until a signal stops the process."""

import asyncio
import gc
import os
import socket
import sys
import webbrowser
from contextlib import suppress

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from fastgen.errors import BadInput, EnvironmentFault
from fastgen.web.application import create_app
from fastgen.web.protection import is_loopback

REMOTE_REQUESTS_PER_MINUTE = 240
MAX_CONNECTIONS = 200
SECONDS_FOR_HEAD = 5.0


class HTTPProtocol(H11Protocol):
    """Closes connections whose next request has no whole head in time. h11 bounds its length.

    Uvicorn's own waits without end, so that idle connections could use up all there are.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._limit_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._limit_head()

    def _limit_head(self) -> None:
        self.loop.call_later(SECONDS_FOR_HEAD, self._close_if_idle, self.cycle)

    def _close_if_idle(self, last: object) -> None:
        if self.cycle is last and self.conn.their_state is h11.IDLE:
            self.transport.close()


def check_host(host: str, *, allow_remote: bool) -> None:
    """Refuse an address that other machines can reach, unless that is wanted.

    Raises:
        BadInput: it is not a loopback address.
    """
    if not (allow_remote or is_loopback(host)):
        raise BadInput(
            f"Other machines could reach the page on `{host}`.", "Add `--allow-remote` for that."
        )


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound to an address.

    Raises:
        EnvironmentFault: the address cannot be used.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EnvironmentFault(
            f"`{host}` cannot be used with the port {port}: {reason}.", "Choose another `--port`."
        ) from None


def serve(listening: socket.socket, host: str) -> None:
    """Serve the page on a socket."""
    gc.enable()  # this process lives longer than those of other commands
    is_local = is_loopback(host)
    app = create_app(
        only_loopback=is_local,
        requests_per_minute=None if is_local else REMOTE_REQUESTS_PER_MINUTE,
    )
    config = uvicorn.Config(
        app,
        http=HTTPProtocol,
        ws="none",
        log_level="warning",
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listening])


def show_in_browser(url: str) -> None:
    """Open the page, unless the only browser would be one for terminals."""
    has_window = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if has_window:
        with suppress(webbrowser.Error):
            webbrowser.open(url)
