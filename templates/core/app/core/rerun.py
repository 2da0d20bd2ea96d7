"""Runs a request again whose unit of work had to give way to another."""

import asyncio
import random

from fastapi import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

MAX_RUNS = 5
SHORTEST_PAUSE = 0.01
"""Seconds; it doubles with every run, and is cut by chance so that two do not meet again."""


class Rerun(Response):
    """An answer that comes from the same route, which is asked once more."""

    def __init__(self, runs: int, body: bytes | None) -> None:
        super().__init__()
        self._runs = runs
        self._sent = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(SHORTEST_PAUSE * 2**self._runs * random.random())  # noqa: S311
        again = receive if self._sent is None else self._receive
        await scope["router"].app({**scope, "runs": self._runs + 1}, again, send)

    async def _receive(self) -> Message:
        return {"type": "http.request", "body": self._sent}


def run_again(request: Request) -> Response | None:
    """The answer of another run; None if there were enough, or what was sent is gone."""
    runs: int = request.scope.get("runs", 1)
    body: bytes | None = getattr(request, "_body", None)
    is_gone = body is None and request._stream_consumed  # noqa: SLF001  # a form, or a stream
    return None if is_gone or runs == MAX_RUNS else Rerun(runs, body)
