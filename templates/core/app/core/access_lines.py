"""The access log in production: lines are written together, since every request has one."""

import asyncio
import sys
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted
from time import perf_counter, time
from typing import NamedTuple

from starlette.types import Scope

from app.core import context

FLUSH_SECONDS = 0.1
PIPE_BYTES = 4096  # a pipe keeps that much of one write together when other workers write too


class Line(NamedTuple):
    time: float
    request_id: str | None
    method: str
    path: str
    status: int | None
    seconds: float
    client: tuple[str, int] | None


class AccessLines:
    """Formats and writes what happened in a tenth of a second at once.

    A line at a time, through structlog, would cost more than all of the middleware.
    """

    def __init__(self) -> None:
        self._lines: list[Line] = []

    def add(self, scope: Scope, status: int | None, started_at: float) -> None:
        """Note the end of a request; `started_at` is in seconds of `perf_counter`."""
        line = Line(
            time(),
            context.request_id.get(),
            scope["method"],
            scope["path"],
            status,
            perf_counter() - started_at,
            scope.get("client"),
        )
        self._lines.append(line)
        if len(self._lines) == 1:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what is not written yet."""
        lines, self._lines = self._lines, []
        part = ""
        for line in map(_as_json, lines):
            if len(part) + len(line) > PIPE_BYTES:
                _write(part)
                part = ""
            part += line
        _write(part)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _as_json(line: Line) -> str:
    milliseconds = int(line.time % 1 * 1000)
    client = quoted(line.client[0]) if line.client else "null"
    return (
        f'{{"event":"request","level":"info","logger":"access",'
        f'"timestamp":"{_seconds(int(line.time))}.{milliseconds:03}Z",'
        f'"request_id":"{line.request_id}","method":{quoted(line.method)},'
        f'"path":{quoted(line.path)},"status":{line.status or "null"},'
        f'"duration_ms":{line.seconds * 1000:.2f},"client":{client}}}\n'
    )


@lru_cache(maxsize=2)
def _seconds(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%S")
