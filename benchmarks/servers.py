"""Applications as running servers: one worker of uvicorn each, all with the same options."""

import http.client
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

from benchmarks.load import Request, ask
from benchmarks.machine import SERVER_CORE, cpu_seconds, pin
from tests.environment import Environment
from tests.live.server import free_port

SECONDS_TO_START = 60
# As a generated project serves itself. Without proxy headers, a bare application is faster too.
OPTIONS = "--workers 1 --loop uvloop --http httptools --no-proxy-headers --no-server-header".split()


@dataclass(frozen=True)
class Application:
    folder: Path
    target: str
    """Module and variable: `app.main:app`."""
    options: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """What a server did under load."""

    rate: float
    """Answers a second."""
    cost: float
    """Seconds of its core that an answer took."""
    busy: float
    """The part of the time in which it was running; the client was the limit if far below 1."""


@dataclass(frozen=True)
class Server:
    port: int
    process_id: int
    seconds_to_answer: float
    """From the start of the process to its first answer."""

    def load(self, request: Request, seconds: float) -> Load:
        before = cpu_seconds(self.process_id)
        answers = ask(self.port, request, seconds)
        used = cpu_seconds(self.process_id) - before
        return Load(answers.count / answers.seconds, used / answers.count, used / answers.seconds)


@contextmanager
def serve(application: Application, environment: Environment) -> Iterator[Server]:
    """Start an application, on a core of its own, and stop it at the end of the block.

    Its log goes to a file, as in production.
    """
    port = free_port()
    words = [application.target, "--port", str(port), *OPTIONS, *application.options]
    variables = environment.variables(application.variables)
    # The first start compiles, and is not measured.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    with TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [environment.folder / "bin" / "uvicorn", *words],
            cwd=application.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            pin(process.pid, SERVER_CORE)
            _wait_for_answer(port, process)
            yield Server(port, process.pid, time.perf_counter() - started)
        except BaseException:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
            print(log.read().decode(errors="replace"))
            raise
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except ConnectionRefusedError:
            time.sleep(0.002)
        finally:
            connection.close()
    raise TimeoutError("the server does not answer")
