"""Limits on a request that hold before it is parsed, so that refusing one costs little.

Parsing and validating JSON takes time and memory for each value. Without a limit, a body of a few
megabytes with unknown fields stops the event loop for seconds.
"""

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

MAX_TARGET_BYTES = 8192
"""Of the path and the query together."""
MAX_HEADER_BYTES = 131_072
"""Of all header fields together, cookies included."""
MAX_JSON_MARKS = 10_000
"""Commas and brackets in a JSON body, outside of strings: about one for each value."""
MAX_JSON_DEPTH = 64

_BRACKETS = b"[]{}"
_ALL_BUT_BRACKETS = bytes(set(range(256)).difference(_BRACKETS))


class InvalidJSON(HTTPException):
    """The JSON body cannot be accepted; the response is a validation problem.

    FastAPI passes on no other exception than an `HTTPException` while it reads a body.
    """

    def __init__(self, detail: str, kind: str) -> None:
        super().__init__(422, detail)
        self.kind = kind


def limit_request(scope: Scope, receive: Receive) -> Receive:
    """Check the target and the headers; the result is `receive`, with a check of a JSON body.

    Raises:
        HTTPException: the target or the headers are too large.
    """
    if len(scope["path"]) + len(scope["query_string"]) > MAX_TARGET_BYTES:
        raise HTTPException(414, "The path and the query are longer than this service accepts.")
    size, content_type = 0, None
    for name, value in scope["headers"]:
        size += len(name) + len(value)
        if content_type is None and name == b"content-type":
            content_type = value
    if size > MAX_HEADER_BYTES:
        raise HTTPException(431, "The headers are larger than this service accepts.")
    if content_type is None or b"json" not in content_type.lower():
        return receive
    chunks: list[bytes] = []

    async def receive_and_check() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                check_json(chunks[0] if len(chunks) == 1 else b"".join(chunks))
                chunks.clear()
        return message

    return receive_and_check


def check_json(body: bytes) -> None:
    """Count what is outside of strings; the parser reports whatever else is wrong.

    Raises:
        InvalidJSON: the document has too many values, or is nested too deep.
    """
    if len(body) <= MAX_JSON_MARKS and body.count(b"[") + body.count(b"{") <= MAX_JSON_DEPTH:
        return
    if b"\0" in body:
        raise InvalidJSON("A JSON document must be UTF-8 text.", "json_invalid")
    # Without escapes, the parts between quotes are by turns outside and inside of a string.
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    if unescaped.count(b'"') > 4 * MAX_JSON_MARKS:  # a key and a value for each mark
        raise _too_many_values()
    outside = b"".join(unescaped.split(b'"')[::2])
    brackets = outside.translate(None, _ALL_BUT_BRACKETS)
    if outside.count(b",") + len(brackets) > MAX_JSON_MARKS:
        raise _too_many_values()
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_JSON_DEPTH:
            detail = f"A JSON document may be nested {MAX_JSON_DEPTH} levels deep."
            raise InvalidJSON(detail, "json_too_deep")


def _too_many_values() -> InvalidJSON:
    return InvalidJSON(
        f"A JSON document may have about {MAX_JSON_MARKS:,} values.", "json_too_many_values"
    )
