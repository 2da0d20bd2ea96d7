"""Responses whose body is produced while it is sent, and how many of them may be open."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import aclosing, contextmanager

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.core.addresses import network
from app.core.context import rate_limit_key
from app.core.errors import AppError, TooManyRequests, Unavailable
from app.core.logging import get_logger
from app.realtime.stream_settings import StreamSettings
from app.realtime.task_group import run_until_first_ends

logger = get_logger(__name__)

STALL_SECONDS = 60
"""A client that reads nothing for that long is disconnected."""
RETRY_SECONDS = 5
HEARTBEAT_SECONDS = 15
HEARTBEAT = b": alive\n\n"
LONGEST_RETRY = 3000
"""Milliseconds. Clients reconnect at random times, not all at once."""


class StreamResponse(Response):
    """Ends as soon as its client disconnects. An error aborts the connection.

    The status is sent with the first chunk, so that an error before it is a problem document.
    """

    def __init__(
        self,
        make_body: Callable[[], AsyncGenerator[bytes]],
        *,
        status_code: int = 200,
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._make_body = make_body
        self.status_code = status_code
        self.media_type = media_type
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await run_until_first_ends(
                self._send(send, is_head=scope["method"] == "HEAD"),
                _wait_for_disconnect(receive),
                self.wait_for_end(scope),
            )
        except _Stalled:
            # The response is not complete, so the server aborts the connection.
            logger.warning("stream_stalled", path=scope.get("path"))

    async def wait_for_end(self, _scope: Scope) -> None:
        """Return when the stream has to end although its client is connected: here never."""
        await asyncio.get_running_loop().create_future()

    async def _send(self, send: Send, *, is_head: bool) -> None:
        async with aclosing(self._make_body()) as body:
            chunk = b"" if is_head else await anext(body, b"")
            start = {"type": "http.response.start", "status": self.status_code}
            await _send_in_time(send, {**start, "headers": self.raw_headers})
            # Never as a complete body: middleware would handle it as one that is not a stream.
            await _send_in_time(send, _chunk(chunk))
            if not is_head:
                async for chunk in body:
                    await _send_in_time(send, _chunk(chunk))
        await _send_in_time(send, {"type": "http.response.body", "body": b"", "more_body": False})


class EventStream(StreamResponse):
    """Server-sent events. The headers keep proxies from storing or buffering them."""

    media_type = "text/event-stream"

    def __init__(
        self, make_body: Callable[[], AsyncGenerator[bytes]], *, status_code: int = 200
    ) -> None:
        super().__init__(
            make_body,
            status_code=status_code,
            media_type=self.media_type,
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def wait_for_end(self, scope: Scope) -> None:
        """Check the credentials again with every heartbeat, where there is authentication."""
        authenticate, is_authenticated = scope.get("authenticate"), True
        while is_authenticated:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            is_authenticated = authenticate is None or await _is_authenticated(authenticate)


class StreamLimiter:
    """Counts the open streams of this process. A client may have half of them."""

    def __init__(self, settings: StreamSettings) -> None:
        self._max = settings.streams_max
        self._per_client = max(1, settings.streams_max // 2)
        self._open: Counter[str] = Counter()

    @property
    def total(self) -> int:
        return self._open.total()

    @contextmanager
    def limit(self, client: str) -> Generator[None]:
        """Count a stream while the block runs.

        Raises:
            TooManyRequests, Unavailable: the client, or the process, has reached its limit.
        """
        if self.total >= self._max:
            raise Unavailable("Too many streams are open.", retry_after=RETRY_SECONDS)
        if self._open[client] >= self._per_client:
            raise TooManyRequests("You have too many streams open.", retry_after=RETRY_SECONDS)
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]


async def limit_streams(request: Request) -> AsyncGenerator[None]:
    """For `dependencies=[Depends(limit_streams)]`: counts the request until its response has ended.

    Raises:
        TooManyRequests, Unavailable: the client, or the process, has reached its limit.
    """
    address = request.client.host if request.client else ""
    with request.state["stream_limiter"].limit(rate_limit_key.get() or network(address)):
        yield


def closing_frame() -> bytes:
    """The last frame of events when the service shuts down."""
    return b": closing\nretry: %d\n\n" % random.randint(500, LONGEST_RETRY)  # noqa: S311


class _Stalled(Exception):
    """The client reads nothing."""


async def _is_authenticated(authenticate: Callable[[], Awaitable[object]]) -> bool:
    """Whether the credentials are valid, or could not be checked."""
    try:
        await authenticate()
    except AppError as error:
        return error.status != 401
    return True


def _chunk(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _send_in_time(send: Send, message: Message) -> None:
    try:
        async with asyncio.timeout(STALL_SECONDS):
            await send(message)
    except TimeoutError:
        raise _Stalled from None


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
