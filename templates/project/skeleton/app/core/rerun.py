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

    def __init__(self, body: bytes, runs: int) -> None:
        super().__init__()
        self._sent = body
        self._runs = runs

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await asyncio.sleep(SHORTEST_PAUSE * 2**self._runs * random.random())  # noqa: S311
        await scope["router"].app({**scope, "runs": self._runs + 1}, self._receive, send)

    async def _receive(self) -> Message:
        return {"type": "http.request", "body": self._sent}


def run_again(request: Request) -> Response | None:
    """The answer of another run; None if there were enough, or what was sent is gone."""
    runs = request.scope.get("runs", 1)
    body: bytes | None = getattr(request, "_body", None)
    if runs == MAX_RUNS or body is None:
        return None
    return Rerun(body, runs)
