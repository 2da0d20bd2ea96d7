"""MessagePack instead of JSON, for clients that request it."""

import json
from typing import Any

import ormsgpack
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem
from app.middleware.body_limit import limited
from app.middleware.gzip import qualities, with_suffix, without_suffix

MEDIA_TYPE = "application/msgpack"
SUFFIX = b"-msgpack"
"""Of the strong `ETag` of a converted response, as for a compressed one."""
JSON = "application/json"
MAX_BYTES = 262_144
"""Of a request: it is converted before the limits of JSON hold, and each byte can be a value."""


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
            detail = f"A MessagePack body has up to {MAX_BYTES:,} bytes."
            packed = await Request(scope, limited(receive, MAX_BYTES, detail)).body()
            try:
                body = json.dumps(ormsgpack.unpackb(packed)).encode()
            except (RecursionError, TypeError, ValueError):
                detail = "The body is not MessagePack, or has values that JSON cannot hold."
                await problem(scope, 400, detail)(scope, receive, send)
                return
            scope = {**scope, "headers": _as_json(scope["headers"], len(body))}
            receive = _one_body(body, receive)
        convert = _accepts_msgpack(headers)
        await self.app(without_suffix(scope, SUFFIX), receive, _converting(send, convert=convert))


def _accepts_msgpack(headers: Headers) -> bool:
    """Whether the client names MessagePack, and does not prefer JSON."""
    accepted = qualities(headers, "accept")
    quality = accepted.get(MEDIA_TYPE, 0.0)
    return quality > 0 and quality >= accepted.get(JSON, 0.0)


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


def _converting(send: Send, *, convert: bool) -> Send:
    start: dict[str, Any] = {}

    async def send_converted(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Accept")
            if convert and _is(headers.get("content-type", ""), JSON):
                start.update(message)
                return
        elif start:
            packed = None if message.get("more_body", False) else _packed(message["body"])
            if packed is not None:
                message = {**message, "body": packed}
                start["headers"] = with_suffix(start["headers"], SUFFIX)
                headers = MutableHeaders(scope=start)
                headers["content-type"] = MEDIA_TYPE
                headers["content-length"] = str(len(packed))
            await send({**start})
            start.clear()
        await send(message)

    return send_converted
