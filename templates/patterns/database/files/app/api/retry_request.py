"""Retries of requests whose transaction had to give way to another one."""

import asyncio
import random

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.core.problems import problem
from app.db.errors import TransactionConflict

MAX_ATTEMPTS = 5
FIRST_PAUSE = 0.01
"""Seconds at most; it doubles with each attempt. It is random, so that two requests separate."""


def retry_conflicts(app: FastAPI) -> None:
    """Retry requests that raise `TransactionConflict`."""
    app.add_exception_handler(TransactionConflict, _retry)  # type: ignore[arg-type]  # a subclass


async def _retry(request: Request, error: TransactionConflict) -> Response:
    """The response of another attempt.

    It is 503 after the last one, and if the body was a form or a stream, which cannot be read
    again.
    """
    attempt: int = request.scope.get("attempt", 1)
    body: bytes | None = getattr(request, "_body", None)
    is_gone = body is None and request._stream_consumed  # noqa: SLF001  # there is no other way
    if is_gone or attempt == MAX_ATTEMPTS:
        return problem(request.scope, error.status, error.detail, headers=error.headers)
    return RetriedResponse(attempt + 1, body)


class RetriedResponse(Response):
    """The response of another attempt, which goes to the same route."""

    def __init__(self, attempt: int, body: bytes | None) -> None:
        super().__init__()
        self._attempt = attempt
        self._received = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(FIRST_PAUSE * 2 ** (self._attempt - 1) * random.random())  # noqa: S311
        if self._received is not None:
            receive = self._receive_again
        await scope["router"].app({**scope, "attempt": self._attempt}, receive, send)

    async def _receive_again(self) -> Message:
        return {"type": "http.request", "body": self._received}
