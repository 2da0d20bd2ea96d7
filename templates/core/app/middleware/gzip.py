"""Compression of responses."""

from starlette.datastructures import Headers
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware, GZipResponder
from starlette.types import Message, Receive, Scope, Send

EXCLUDED = tuple(name.removesuffix("*") for name in DEFAULT_EXCLUDED_CONTENT_TYPES)
"""Prefixes of media types that are compressed already, or are event streams."""
BODILESS_OR_PARTIAL = frozenset({204, 206, 304})
VARY = (b"vary", b"Accept-Encoding")
SUFFIX = b'-gzip"'
"""The end of the strong `ETag` of a compressed response: each encoding has its own (RFC 9110)."""


class GZip(GZipMiddleware):
    """Starlette's compression, with quality values, and with `Vary` and `ETag` by encoding."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        send_part = send

        async def send_compressed(message: Message) -> None:
            nonlocal send_part
            if message["type"] == "http.response.start" and _may_be_compressed(message):
                if self._is_large(message) and accepts_gzip(Headers(scope=scope)):
                    responder = GZipResponder(self.app, 0, self.compresslevel)  # it sets `Vary`
                    responder.send = send
                    send_part = responder.send_with_compression
                    message["headers"] = [_with_suffix(*pair) for pair in message["headers"]]
                else:
                    message["headers"].append(VARY)
            await send_part(message)

        await self.app(_without_suffixes(scope), receive, send_compressed)

    def _is_large(self, start: Message) -> bool:
        if start["status"] in BODILESS_OR_PARTIAL:
            return False
        length = dict(start["headers"]).get(b"content-length")
        return length is None or int(length) >= self.minimum_size


def accepts_gzip(headers: Headers) -> bool:
    """Whether the client accepts gzip, and does not prefer a plain response."""
    qualities = {"identity": 0.0, "*": 0.0}
    for part in ",".join(headers.getlist("accept-encoding")).lower().split(","):
        coding, _, weight = (piece.strip() for piece in part.partition(";"))
        try:
            qualities[coding] = float(weight.removeprefix("q=") or 1)
        except ValueError:
            qualities[coding] = 0.0
    quality = qualities.get("gzip", qualities["*"])
    return quality > 0 and quality >= qualities["identity"]


def _may_be_compressed(start: Message) -> bool:
    headers = dict(start["headers"])
    media_type = headers.get(b"content-type", b"").decode("latin-1").lower()
    is_fixed = b"accept-ranges" in headers or b"content-encoding" in headers
    return not is_fixed and not media_type.startswith(EXCLUDED)


def _with_suffix(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    is_strong = name == b"etag" and value.startswith(b'"')
    return name, value.removesuffix(b'"') + SUFFIX if is_strong else value


def _without_suffixes(scope: Scope) -> Scope:
    """Give routes their own tags in `If-Match`."""
    if not any(name == b"if-match" for name, _ in scope["headers"]):
        return scope
    headers = [
        (name, value.replace(SUFFIX, b'"') if name == b"if-match" else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers}
