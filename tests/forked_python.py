"""Runs Python code in processes that are forked from one that has imported the libraries.

They are those of generated projects, whose import takes a second, and most code less. Modules of
projects are imported by each process for itself. What has to show a true start, such as that of a
server, starts Python anew.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

# Reads requests, and prints the exit code and the CPU seconds of each. The process that is forked
# leaves the loop.
SERVER = """
import json, os, sys
from contextlib import suppress
from importlib import import_module

for name in (
    "aiomysql", "aiosqlite", "alembic.command", "alembic.config", "argon2", "asyncpg",
    "email_validator", "fastapi", "httpx2", "jwt", "procrastinate", "psycopg", "pydantic_settings",
    "redis.asyncio", "sqlalchemy.ext.asyncio", "structlog", "uvicorn",
):
    with suppress(ImportError):
        import_module(name)

for line in sys.stdin:
    if not (child := os.fork()):
        break
    _, status, usage = os.wait4(child, 0)
    seconds = usage.ru_utime + usage.ru_stime
    print(os.waitstatus_to_exitcode(status), seconds, flush=True)
else:
    sys.exit()

code, arguments, folder, variables, streams = json.loads(line)
os.environ.clear()
os.environ.update(variables)
os.chdir(folder)
for number, path in enumerate(streams):
    os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), number)
sys.argv = ["-c", *arguments]
exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
"""


@cache
def _server(python: Path) -> subprocess.Popen[str]:
    """Forks processes until its input ends with these tests."""
    return subprocess.Popen(
        # Without bytecode in projects, as every command of the environment.
        [python, "-BE", "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


_one_at_a_time = Lock()
_seconds: list[float] = []


def cpu_seconds() -> float:
    """The CPU time of all code that has run so far."""
    return sum(_seconds)


def run_code(
    python: Path, code: str, arguments: tuple[str, ...], cwd: Path, variables: Mapping[str, str]
) -> tuple[int, str, str]:
    """The exit code of `python -c code`, what it printed, and its errors."""
    with TemporaryDirectory(prefix="fastgen-python-") as folder, _one_at_a_time:
        streams = [os.devnull, f"{folder}/out", f"{folder}/err"]
        request = json.dumps([code, arguments, str(cwd), dict(variables), streams])
        server = _server(python)
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(f"{request}\n")
        server.stdin.flush()
        exit_code, seconds = server.stdout.readline().split()
        _seconds.append(float(seconds))
        out, err = (Path(path).read_text("utf-8") for path in streams[1:])
    return int(exit_code), out, err
