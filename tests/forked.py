"""Runs Python in processes that are forked from one that has imported the libraries of projects.

Most of the CPU time of a short command, or of the start of a service, goes into these imports. The
process has a session, a folder, variables and streams of its own; the code of the project is
imported anew.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

# None of them reads variables or starts threads when it is imported.
LIBRARIES = [
    "aiosqlite",
    "alembic.autogenerate.api",
    "alembic.config",
    "alembic.runtime.migration",
    "anyio._backends._asyncio",
    "asyncpg",
    "celery.schedules",
    "celery.worker",
    "cronsim",
    "dotenv",
    "dramatiq",
    "dramatiq.brokers.rabbitmq",
    "dramatiq.brokers.redis",
    "email_validator",
    "fastapi",
    "fastapi.openapi.utils",
    "httpx2",
    "jwt",
    "kombu",
    "limits.aio.storage",
    "limits.aio.strategies",
    "ormsgpack",
    "procrastinate",
    "procrastinate.testing",
    "psycopg",
    "pwdlib.hashers.argon2",
    "pydantic_settings",
    "redis.asyncio",
    "sqlalchemy.dialects.mysql.aiomysql",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "structlog",
    "uvicorn.lifespan.on",
    "uvicorn.logging",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.auto",
    "uvicorn.supervisors",
    "uvloop",
]
"""Those that an environment does not have are left out."""
PROGRAM = """
import importlib, json, os, runpy, signal, sys

for name in json.loads(sys.argv[1]):
    try:
        importlib.import_module(name)
    except ImportError:
        pass

def status(pid):
    found, status, usage = os.wait4(pid, os.WNOHANG)
    cpu = usage.ru_utime + usage.ru_stime
    return [os.waitstatus_to_exitcode(status), cpu] if found else None

request = None
for line in sys.stdin:
    request = json.loads(line)
    if isinstance(request, int):
        answer = status(request)
    else:
        answer = os.fork()
        if answer == 0:
            break
    print(json.dumps(answer), flush=True)
else:
    sys.exit()

arguments, folder, variables, output, errors = request
os.setsid()
os.chdir(folder)
for number, path in enumerate((os.devnull, output, errors)):
    opened = os.open(path, os.O_RDWR | os.O_APPEND)
    os.dup2(opened, number)
    os.close(opened)
sys.stdin = open(0)
os.environ.clear()
os.environ.update(variables)
signal.signal(signal.SIGINT, signal.default_int_handler)
option, target, *rest = arguments
if option == "-c":
    sys.argv[:], sys.path[0] = ["-c", *rest], ""
    exec(compile(target, "<string>", "exec"), {"__name__": "__main__"})
else:
    sys.argv[:], sys.path[0] = [target, *rest], folder
    runpy.run_module(target, run_name="__main__", alter_sys=True)
"""


_cpu: list[float] = []


def cpu_seconds() -> float:
    """The CPU time of all forked processes that have ended."""
    return sum(_cpu)


class ForkedProcess:
    """Looks like a `Popen`."""

    def __init__(self, server: "ForkServer", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._server = server

    def poll(self) -> int | None:
        """The exit code, or that of a signal as a negative number, if the process has ended."""
        if self.returncode is None and (ended := self._server.ask(self.pid)):
            self.returncode, seconds = ended
            _cpu.append(seconds)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; `TimeoutExpired` if the process does not end within so many seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if timeout is not None and deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """A process that has imported the libraries of an environment. It ends with these tests."""

    def __init__(self, python: Path, variables: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [python, "-c", PROGRAM, json.dumps(LIBRARIES)],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = Lock()

    def ask(self, request: object) -> Any:
        """The answer of the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def start(
        self,
        arguments: Sequence[str],
        cwd: Path,
        variables: Mapping[str, str],
        output: Path,
        errors: Path,
    ) -> ForkedProcess:
        """Start `python` with `-m` or `-c`; its output is added to existing files."""
        request = [arguments, str(cwd), variables, str(output), str(errors)]
        return ForkedProcess(self, self.ask(request))


_starting = Lock()


def fork_server(python: Path) -> ForkServer:
    """The one of an environment, also for threads that ask for it at the same time."""
    with _starting:
        return _fork_server(python)


@cache
def _fork_server(python: Path) -> ForkServer:
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
    return ForkServer(python, {**kept, "PYTHONDONTWRITEBYTECODE": "1"})


def as_module(command: Sequence[str]) -> list[str] | None:
    """The arguments of Python for a command, or nothing if it is another program."""
    match command:
        case ["python", "-m" | "-c", *_]:
            return [*command[1:]]
        case ["alembic" | "uvicorn", *_]:
            return ["-m", *command]
    return None
