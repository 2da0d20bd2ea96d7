"""MessagePack instead of JSON, for clients that request it."""

import json
from typing import Any

import ormsgpack
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem

MEDIA_TYPE = "application/msgpack"
JSON = "application/json"


class MsgPack:
    """Converts request bodies by `Content-Type`, and responses by `Accept`.

    The application receives and returns JSON. Problem details and streams are not converted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if _is(headers.get("content-type", ""), MEDIA_TYPE):
            packed = await Request(scope, receive).body()
            try:
                body = json.dumps(ormsgpack.unpackb(packed)).encode()
            except (ValueError, TypeError):
                detail = "The body is not MessagePack, or has values that JSON cannot hold."
                await problem(scope, 400, detail)(scope, receive, send)
                return
            scope = {**scope, "headers": _as_json(scope["headers"], len(body))}
            receive = _one_body(body, receive)
        if any(_is(part, MEDIA_TYPE) for part in headers.get("accept", "").split(",")):
            await self.app(scope, receive, _converting(send))
        else:
            await self.app(scope, receive, send)


def _is(media_type: str, wanted: str) -> bool:
    return media_type.partition(";")[0].strip().lower() == wanted


def _as_json(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    replaced = {b"content-type", b"content-length", b"transfer-encoding"}
    kept = [pair for pair in headers if pair[0] not in replaced]
    return [*kept, (b"content-type", JSON.encode()), (b"content-length", b"%d" % length)]


def _one_body(body: bytes, receive: Receive) -> Receive:
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_converted() -> Message:
        return parts.pop() if parts else await receive()

    return receive_converted


def _packed(body: bytes) -> bytes | None:
    """JSON as MessagePack; None if it is empty, or has a number that MessagePack cannot hold."""
    try:
        return ormsgpack.packb(json.loads(body))
    except (ValueError, TypeError):
        return None


def _converting(send: Send) -> Send:
    start: dict[str, Any] = {}

    async def send_converted(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Accept")
            if _is(headers.get("content-type", ""), JSON):
                start.update(message)
                return
        elif start:
            packed = None if message.get("more_body", False) else _packed(message["body"])
            if packed is not None:
                headers = MutableHeaders(scope=start)
                message = {**message, "body": packed}
                headers["content-type"] = MEDIA_TYPE
                headers["content-length"] = str(len(packed))
            await send({**start})
            start.clear()
        await send(message)

    return send_converted
