"""Serves the page until a signal stops the process."""

import gc
import ipaddress
import os
import socket
import sys
import webbrowser
from contextlib import suppress

import uvicorn

from fastgen.errors import BadInput, EnvironmentFault
from fastgen.web.application import create_app
from fastgen.web.protection import LOOPBACK_HOSTS

REMOTE_REQUESTS_PER_MINUTE = 240
MAX_CONNECTIONS = 200


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
        hosts=LOOPBACK_HOSTS if is_local else None,
        requests_per_minute=None if is_local else REMOTE_REQUESTS_PER_MINUTE,
    )
    config = uvicorn.Config(
        app,
        http="h11",  # it bounds the length of a URL
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
