"""Entity tags and conditional GET (RFC 9110, sections 8.8 and 13)."""

from hashlib import blake2b

from starlette.types import ASGIApp, Message, Receive, Scope, Send

OF_THE_BODY = frozenset({b"content-encoding", b"content-length", b"content-type"})


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
                    _tag(start, message, dict(scope["headers"]).get(b"if-none-match"))
                await send(start)
                start = None
            await send(message)

        await self.app(scope, receive, send_tagged)


def _is_whole(start: Message) -> bool:
    return start["status"] == 200 and b"content-length" in dict(start["headers"])


def _tag(start: Message, body: Message, if_none_match: bytes | None) -> None:
    headers = dict(start["headers"])
    etag = headers.get(b"etag")
    if etag is None:
        etag = b'"%s"' % blake2b(body["body"], digest_size=12).hexdigest().encode()
        start["headers"].append((b"etag", etag))
    if b"cache-control" not in headers:
        start["headers"].append((b"cache-control", b"private, no-cache"))
    if if_none_match is not None and _matches(etag, if_none_match):
        start["status"] = 304
        start["headers"] = [pair for pair in start["headers"] if pair[0] not in OF_THE_BODY]
        body["body"] = b""


def _matches(etag: bytes, if_none_match: bytes) -> bool:
    """Weak comparison (RFC 9110, section 8.8.3.2)."""
    tags = {tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")}
    return b"*" in tags or etag.removeprefix(b"W/") in tags
