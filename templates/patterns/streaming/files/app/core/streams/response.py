"""A body of bytes that is made while it is sent."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.core.logging import get_logger

logger = get_logger(__name__)

STALL_SECONDS = 60
"""Who takes nothing for that long is not there."""


End = Callable[[], Coroutine[Any, Any, None]]
"""Returns when a stream has to end although its client is there."""


class _Stalled(Exception):
    """The client takes nothing."""


async def never() -> None:
    """The end of what ends by itself."""
    await asyncio.get_running_loop().create_future()


class Stream(Response):
    """Ends as soon as its client leaves, whatever it waits for; an error cuts the connection.

    The status goes out with the first chunk, so that an error before it is still a problem
    document. The generator is made when it is sent: a body that never starts holds nothing.
    """

    def __init__(
        self,
        make_body: Callable[[], AsyncGenerator[bytes]],
        *,
        status_code: int = 200,
        media_type: str,
        headers: Mapping[str, str] | None = None,
        until: End = never,
    ) -> None:
        self._make_body = make_body
        self._until = until
        self.status_code = status_code
        self.media_type = media_type
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send, is_head=scope["method"] == "HEAD"))
        leaving = asyncio.create_task(_until_gone(receive))
        ending = asyncio.create_task(self._until())
        tasks = {sending, leaving, ending}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {leaving}:
                await task
        except _Stalled:
            # Not finished, so the server cuts the connection: it does not look whole.
            logger.warning("stream_stalled", path=scope.get("path"))
        finally:
            for task in tasks:
                task.cancel()
                task.add_done_callback(_overlook)
            # Not `gather`: the scope that cancels would not know its cancellation again.
            await asyncio.wait(tasks)

    async def _send(self, send: Send, *, is_head: bool) -> None:
        async def put(message: Message) -> None:
            try:
                async with asyncio.timeout(STALL_SECONDS):
                    await send(message)
            except TimeoutError:
                raise _Stalled from None

        async with aclosing(self._make_body()) as body:
            chunk = b"" if is_head else await anext(body, b"")
            await put(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            # Never as a whole body, even if it is empty: it would be taken for what is stored.
            await put({"type": "http.response.body", "body": chunk, "more_body": True})
            if not is_head:
                async for chunk in body:
                    await put({"type": "http.response.body", "body": chunk, "more_body": True})
        await put({"type": "http.response.body", "body": b"", "more_body": False})


class EventStream(Stream):
    """Server-sent events, which nobody on the way may hold back."""

    media_type = "text/event-stream"

    def __init__(
        self, make_body: Callable[[], AsyncGenerator[bytes]], until: End, *, status_code: int = 200
    ) -> None:
        super().__init__(
            make_body,
            status_code=status_code,
            media_type=self.media_type,
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            until=until,
        )


def _overlook(task: asyncio.Task[None]) -> None:
    """Whatever went wrong has been raised, or came after the end."""
    if not task.cancelled():
        task.exception()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
