"""What happens to every request and response, in one wrapper instead of one each.

A pure-ASGI class costs a coroutine and a wrapped `send` for every request; a step costs a call.
Nine classes took a fifth of the throughput of a short route, nine steps take a few percent.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import ClassVar

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging import get_logger
from app.core.problems import problem

logger = get_logger(__name__)


class Exchange:
    """A request, and the response that is about to go out."""

    __slots__ = ("headers", "receive", "scope", "send", "started_at", "status")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        """The headers of the request, their names in small letters; of a repeated one the last."""
        self.receive = receive
        """Where the body comes from; a step may wrap it."""
        self.send = send
        """Where the response goes; a step may wrap it."""
        self.started_at = perf_counter()
        """Seconds, on the clock of `perf_counter`."""
        self.status: int | None = None
        """None until the response starts."""


class Step:
    """Override what you need."""

    sees_sockets: ClassVar[bool] = False
    """Whether `on_request` is asked about WebSockets too."""

    def on_request(self, exchange: Exchange) -> Response | None:
        """Look at the request; a response refuses it."""

    def on_response(self, exchange: Exchange, start: Message, body: Message) -> None:
        """Look at, or change, the start of the response and the first part of its body."""

    def on_end(self, exchange: Exchange) -> None:
        """Look back, whatever happened."""

    def on_shutdown(self) -> None:
        """Finish what was put off."""


class EdgeMiddleware:
    """Asks the steps in their order about a request, and in reverse about its response.

    Inside of them all, an error that nobody expected becomes a 500. FastAPI's own handler sits
    outside of all middleware: its answer has none of their headers, and ends the connection.
    """

    def __init__(self, app: ASGIApp, steps: Sequence[Step]) -> None:
        self.app = app
        self._steps = steps
        asked = [step for step in steps if type(step).on_request is not Step.on_request]
        self._on_request = [step.on_request for step in asked]
        self._on_socket = [step.on_request for step in asked if step.sees_sockets]
        self._on_response = [
            step.on_response
            for step in reversed(steps)
            if type(step).on_response is not Step.on_response
        ]
        self._on_end = [
            step.on_end for step in reversed(steps) if type(step).on_end is not Step.on_end
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._handle_request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._handle_socket(scope, receive, send)
        else:
            await self._handle_lifespan(scope, receive, send)

    async def _handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        start: Message | None = None

        async def send_through_steps(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                for step in self._on_response:
                    step(exchange, start, message)
                exchange.status = start["status"]
                await exchange.send(start)
                start = None
            await exchange.send(message)

        try:
            for step in self._on_request:
                if (refusal := step(exchange)) is not None:
                    await refusal(scope, receive, send_through_steps)
                    return
            await self.app(scope, exchange.receive, send_through_steps)
        except Exception:
            if exchange.status is not None:
                raise  # half an answer is out: the server logs the error and cuts the connection
            logger.exception("unhandled_error")
            await problem(scope, 500, "The service failed.")(scope, receive, send_through_steps)
        finally:
            for end in self._on_end:
                end(exchange)

    async def _handle_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        for step in self._on_socket:
            if (refusal := step(exchange)) is not None:
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _handle_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            for step in self._steps:
                step.on_shutdown()
