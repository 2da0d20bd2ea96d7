"""Request ids: one for every request, in its response, its log lines and its problem details."""

import re
import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import context

SAFE = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class RequestId:
    """Accepts a safe `X-Request-ID` from the client, and else makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request_id = dict(scope["headers"]).get(b"x-request-id", b"")
        if not SAFE.fullmatch(request_id):
            request_id = secrets.token_hex(16).encode()
        context.request_id.set(request_id.decode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        await self.app(scope, receive, send_with_id)
