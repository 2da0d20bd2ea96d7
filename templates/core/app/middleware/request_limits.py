"""Limits that hold before a request is parsed, so that refusing one costs little.

Parsing and validating JSON takes time and memory for each value, and parsing a form for each `&`.
Without limits, a body of a few megabytes stops the event loop for seconds.
"""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem
from app.core.server import MAX_HEADER_BYTES

MAX_TARGET_BYTES = 8192
"""Of the path and the query together."""
MAX_COOKIE_ESCAPES = 1000
"""Backslashes in cookies. Python before 3.11.10 and 3.12.6 parses them in quadratic time."""
MAX_CONTENT_TYPE_BYTES = 1024
"""Python parses the parameters of `Content-Type` in quadratic time."""
MAX_JSON_MARKS = 10_000
"""Commas and brackets in a JSON body, outside of strings: about one for each value."""
MAX_JSON_DEPTH = 64
MAX_FORM_SEPARATORS = 10_000
"""Of a URL-encoded form. The limits of FastAPI for forms do not count empty fields."""

_BRACKETS = b"[]{}"
_ALL_BUT_BRACKETS = bytes(set(range(256)).difference(_BRACKETS))


class RequestLimits:
    """Limits the path with the query, the headers, JSON bodies and URL-encoded forms.

    It is inside of what changes the body. FastAPI passes on no other exception than an
    `HTTPException` while it reads one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        size, escapes, content_types = 0, 0, b""
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"content-type":  # of several, FastAPI takes the first
                content_types += value.lower()
            elif name == b"cookie":
                escapes += value.count(b"\\")
        if (
            size > MAX_HEADER_BYTES
            or escapes > MAX_COOKIE_ESCAPES
            or len(content_types) > MAX_CONTENT_TYPE_BYTES
        ):
            detail = "The headers, or one of them, are larger than this service accepts."
            await problem(scope, 431, detail)(scope, receive, send)
            return
        if len(scope["path"]) + len(scope["query_string"]) > MAX_TARGET_BYTES:
            detail = "The path and the query are longer than this service accepts."
            await problem(scope, 414, detail)(scope, receive, send)
            return
        if b"json" in content_types:
            receive = _with_json_checked(receive)
        if b"urlencoded" in content_types:
            receive = _with_fields_counted(receive)
        await self.app(scope, receive, send)


def _with_json_checked(receive: Receive) -> Receive:
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


def _with_fields_counted(receive: Receive) -> Receive:
    separators = 0

    async def receive_and_count() -> Message:
        nonlocal separators
        message = await receive()
        separators += message.get("body", b"").count(b"&")
        if separators > MAX_FORM_SEPARATORS:
            raise HTTPException(400, f"A form may have about {MAX_FORM_SEPARATORS:,} fields.")
        return message

    return receive_and_count


def check_json(body: bytes) -> None:
    """Count what is outside of strings; the parser reports whatever else is wrong.

    Raises:
        HTTPException: the document has too many values, or is nested too deep.
    """
    if len(body) <= MAX_JSON_MARKS and body.count(b"[") + body.count(b"{") <= MAX_JSON_DEPTH:
        return
    if b"\0" in body:
        raise HTTPException(422, "A JSON document must be UTF-8 text.")
    # Without escapes, the parts between quotes are by turns outside and inside of a string.
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    too_many = HTTPException(422, f"A JSON document may have about {MAX_JSON_MARKS:,} values.")
    if unescaped.count(b'"') > 4 * MAX_JSON_MARKS:  # a key and a value for each mark
        raise too_many
    outside = b"".join(unescaped.split(b'"')[::2])
    brackets = outside.translate(None, _ALL_BUT_BRACKETS)
    if outside.count(b",") + len(brackets) > MAX_JSON_MARKS:
        raise too_many
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_JSON_DEPTH:
            raise HTTPException(422, f"A JSON document may be nested {MAX_JSON_DEPTH} levels deep.")
