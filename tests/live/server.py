"""A generated project that runs as a server, in a process of its own."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx2

from tests.environment import CHEAP_HASHES, Environment
from tests.forked import ForkedProcess
from tests.live.logs import shown_on_failure

CLIENT = httpx2.Client(
    timeout=60,
    trust_env=False,
    verify=False,  # nothing here speaks TLS
    limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
)
"""Each request has a connection of its own and no cookies, as with `httpx2.get`.

That loads certificates for each request, which takes 50 times as long as the request.
"""
SECONDS_TO_START = 60
PATIENCE = {f"DATABASE_{limit}_TIMEOUT_SECONDS": "30" for limit in ("CONNECT", "POOL", "STATEMENT")}
"""A busy machine must not look like an outage, unless the limits are what is tested."""
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz",
}


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: "subprocess.Popen[bytes] | ForkedProcess"
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text("utf-8", "replace")

    def stop(self) -> int:
        """Ask it to end, and wait; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@contextmanager
def serve(
    project: Path,
    environment: Environment,
    command: Sequence[str] = ("python", "-m", "app"),
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Start a project; `{port}` in the command is where it has to listen."""
    port = free_port()
    own = {"PORT": str(port), "SHUTDOWN_DRAIN_SECONDS": "0", **CHEAP_HASHES, **PATIENCE}
    log = project / f"server-{port}.log"
    words = [word.format(port=port) for word in command]
    process = environment.start(*words, cwd=project, log=log, env={**own, **(env or {})})
    server = Server(port, process, log)
    with shown_on_failure(log):
        try:
            wait_for(server)
            yield server
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


_reserved: list[socket.socket] = []


def free_port() -> int:
    """A port to listen on that the system gives to nobody else, however late the server starts.

    It is bound until these tests end; with SO_REUSEADDR, which servers set, they can listen on it.
    """
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", 0))
    _reserved.append(probe)
    return int(probe.getsockname()[1])


def accepts_connections(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(server: Server) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise AssertionError(f"the server has ended: {server.output}")
        if accepts_connections(server.port):
            return
        time.sleep(0.05)
    raise AssertionError(f"the server does not listen: {server.output}")


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that will happen; the test run has a limit of its own."""
    while not condition():
        time.sleep(0.03)
