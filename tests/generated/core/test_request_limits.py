"""Limits on a request before it is parsed."""

import json

import pytest

from app.core.request_limits import (
    MAX_JSON_DEPTH,
    MAX_JSON_MARKS,
    InvalidJSON,
    check_json,
)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (nested(MAX_JSON_DEPTH + 1), "json_too_deep"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "json_too_deep"),
        (json.dumps(dict.fromkeys(map(str, range(20_000)))).encode(), "json_too_many_values"),
        (b"[" + b"{}," * MAX_JSON_MARKS + b"{}]", "json_too_many_values"),
        (b"[" * 1_000_000, "json_too_many_values"),
        (b"]" * 1_000_000, "json_too_many_values"),
        (b'""' * 1_000_000, "json_too_many_values"),
        (json.dumps(["x"] * 20_000).encode("utf-16"), "json_invalid"),
    ],
)
def test_refused(body: bytes, kind: str) -> None:
    with pytest.raises(InvalidJSON) as refusal:
        check_json(body)

    assert refusal.value.kind == kind


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
