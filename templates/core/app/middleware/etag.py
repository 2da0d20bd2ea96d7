"""Entity tags and conditional GET (RFC 9110, sections 8.8 and 13)."""

from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ETag:
    """Adds an `ETag` to responses of GET, and returns 304 if the client has the current one.

    A route may set its own `ETag`. Streams, which have no `Content-Length`, pass unchanged. It
    stands before GZip, so that a compressed response has another tag than a plain one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def send_tagged(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_whole(message):
                start = message  # until the body is known
                return
            if start is not None:
                if not message.get("more_body", False):
                    _tag(start, message, Headers(scope=scope).get("if-none-match"))
                await send(start)
                start = None
            await send(message)

        await self.app(scope, receive, send_tagged)


def _is_whole(start: Message) -> bool:
    return start["status"] == 200 and any(name == b"content-length" for name, _ in start["headers"])


def _tag(start: Message, body: Message, if_none_match: str | None) -> None:
    headers = MutableHeaders(raw=start["headers"])
    etag = headers.get("etag")
    if etag is None:
        etag = f'"{blake2b(body["body"], digest_size=12).hexdigest()}"'
        headers.append("etag", etag)
    headers.setdefault("cache-control", "private, no-cache")
    if if_none_match is not None and _matches(etag, if_none_match):
        start["status"] = 304
        for name in ("content-length", "content-type", "content-encoding"):
            del headers[name]
        body["body"] = b""


def _matches(etag: str, if_none_match: str) -> bool:
    """Weak comparison (RFC 9110, section 8.8.3.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
