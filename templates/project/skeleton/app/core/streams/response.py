"""A body of bytes that is made while it is sent."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.core.routing import is_head

STALL_SECONDS = 60
"""Who takes nothing for that long is not there."""


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
    ) -> None:
        self._make_body = make_body
        self.status_code = status_code
        self.media_type = media_type
        self.background = None
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send, is_head=is_head(scope)))
        leaving = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                await sending
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _send(self, send: Send, *, is_head: bool) -> None:
        async def put(message: Message) -> None:
            async with asyncio.timeout(STALL_SECONDS):
                await send(message)

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


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
