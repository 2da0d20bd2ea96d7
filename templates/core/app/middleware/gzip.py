"""Compression of responses."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware, GZipResponder
from starlette.types import Message, Receive, Scope, Send

EXCLUDED = tuple(name.removesuffix("*") for name in DEFAULT_EXCLUDED_CONTENT_TYPES)
"""Prefixes of media types that are compressed already, or are event streams."""
BODILESS_OR_PARTIAL = frozenset({204, 206, 304})
VARY = (b"vary", b"Accept-Encoding")
SUFFIX = b"-gzip"
"""Of the strong `ETag` of a compressed response: each encoding has its own (RFC 9110)."""


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
                    message["headers"] = with_suffix(message["headers"], SUFFIX)
                else:
                    message["headers"].append(VARY)
            await send_part(message)

        await self.app(without_suffix(scope, SUFFIX), receive, send_compressed)

    def _is_large(self, start: Message) -> bool:
        if start["status"] in BODILESS_OR_PARTIAL:
            return False
        length = dict(start["headers"]).get(b"content-length")
        return length is None or int(length) >= self.minimum_size


def accepts_gzip(headers: Headers) -> bool:
    """Whether the client accepts gzip, and does not prefer a plain response."""
    accepted = qualities(headers, "accept-encoding")
    quality = accepted.get("gzip", accepted.get("*", 0.0))
    return quality > 0 and quality >= accepted.get("identity", 0.0)


def qualities(headers: Headers, name: str) -> dict[str, float]:
    """The quality of each coding or media type that the client names (RFC 9110, section 12.4.2)."""
    found = {}
    for part in ",".join(headers.getlist(name)).lower().split(","):
        accepted, *parameters = (piece.strip() for piece in part.split(";"))
        weights = [each.removeprefix("q=") for each in parameters if each.startswith("q=")]
        try:
            found[accepted] = float(weights[0]) if weights else 1.0
        except ValueError:
            found[accepted] = 0.0
    return found


def _may_be_compressed(start: Message) -> bool:
    headers = dict(start["headers"])
    media_type = headers.get(b"content-type", b"").decode("latin-1").lower()
    is_fixed = b"accept-ranges" in headers or b"content-encoding" in headers
    return not is_fixed and not media_type.startswith(EXCLUDED)


def with_suffix(headers: Iterable[tuple[bytes, bytes]], suffix: bytes) -> list[tuple[bytes, bytes]]:
    """Give a strong `ETag` the suffix of this form of the response."""
    return [
        (name, value[:-1] + suffix + b'"' if name == b"etag" and value.startswith(b'"') else value)
        for name, value in headers
    ]


def without_suffix(scope: Scope, suffix: bytes) -> Scope:
    """Give routes their own tags in `If-Match`."""
    if b"if-match" not in dict(scope["headers"]):
        return scope
    headers = [
        (name, value.replace(suffix + b'"', b'"') if name == b"if-match" else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers}
