"""Limits on a request before it is parsed."""

import json

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from app.middleware.request_limits import (
    MAX_CONTENT_TYPE_BYTES,
    MAX_COOKIE_ESCAPES,
    MAX_JSON_DEPTH,
    MAX_JSON_MARKS,
    RequestLimits,
    check_json,
)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (nested(MAX_JSON_DEPTH + 1), "levels deep"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "levels deep"),
        (json.dumps(dict.fromkeys(map(str, range(20_000)))).encode(), "10,000 values"),
        (b"[" + b"{}," * MAX_JSON_MARKS + b"{}]", "10,000 values"),
        (b"[" * 1_000_000, "10,000 values"),
        (b"]" * 1_000_000, "10,000 values"),
        (b'""' * 1_000_000, "10,000 values"),
        (json.dumps(["x"] * 20_000).encode("utf-16"), "UTF-8"),
    ],
)
def test_refused(body: bytes, reason: str) -> None:
    with pytest.raises(HTTPException, match=reason) as refusal:
        check_json(body)

    assert refusal.value.status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'"',
        b'{"text": "\\',
        nested(MAX_JSON_DEPTH),
        json.dumps([{"a": 1}] * (MAX_JSON_MARKS // 4)).encode(),
        json.dumps({"text": "[,{" * MAX_JSON_MARKS}).encode(),
        json.dumps({"text": '"[,' * MAX_JSON_MARKS}).encode(),
        json.dumps({"text": "\\" * MAX_JSON_MARKS, "more": "[" * MAX_JSON_MARKS}).encode(),
    ],
)
def test_accepted(body: bytes) -> None:
    check_json(body)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("name", "value", "limit"),
    [(b"cookie", b"\\", MAX_COOKIE_ESCAPES), (b"content-type", b";", MAX_CONTENT_TYPE_BYTES)],
)
@pytest.mark.parametrize(("more", "is_refused"), [(0, False), (1, True)])
async def test_headers_that_cost_much_to_parse(
    kind: str, name: bytes, value: bytes, limit: int, more: int, is_refused: bool
) -> None:
    passed: list[Scope] = []
    sent: list[Message] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        passed.append(scope)

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(name, value * limit), (name, value * more)]
    scope = {"type": kind, "path": "/", "query_string": b"", "headers": headers}
    await RequestLimits(app)(scope, receive, send)

    assert [message["status"] for message in sent[:1]] == [431] * is_refused
    assert len(passed) == (not is_refused)
