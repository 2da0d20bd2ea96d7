"""Answers that the client has already (RFC 9110, section 13)."""

from hashlib import blake2b

from starlette.types import Message

from app.middleware.edge import Exchange, Step

OF_THE_BODY = {b"content-length", b"content-type"}


class ETag(Step):
    """Gives every whole answer to a GET an `ETag`, and 304 to who has it.

    A route that sets its own `ETag` keeps it; streams pass untouched.
    """

    def on_response(self, exchange: Exchange, start: Message, body: Message) -> None:
        if (
            start["status"] != 200
            or exchange.scope["method"] not in ("GET", "HEAD")
            or body.get("more_body", False)
        ):
            return
        headers = start["headers"]
        own = dict(headers)
        etag = own.get(b"etag")
        if etag is None:
            etag = b'"%s"' % blake2b(body["body"], digest_size=12).hexdigest().encode()
            headers.append((b"etag", etag))
        if b"cache-control" not in own:
            headers.append((b"cache-control", b"private, no-cache"))
        if _is_known(etag, exchange.headers.get(b"if-none-match")):
            start["status"] = 304
            start["headers"] = [pair for pair in headers if pair[0] not in OF_THE_BODY]
            body["body"] = b""


def _is_known(etag: bytes, if_none_match: bytes | None) -> bool:
    if if_none_match is None:
        return False
    tags = {tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")}
    return b"*" in tags or etag.removeprefix(b"W/") in tags
