"""`If-Match`, `ETag`, `Last-Modified` and `Location`."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from fastapi import Request, Response

from app.api.deps import get_if_match
from app.core.etag import set_etag, set_location

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)


@dataclass
class Row:
    id: int = 7
    version: int = 3
    updated_at: datetime = NOON


@pytest.mark.parametrize(
    ("if_match", "versions"),
    [
        (None, None),
        ("*", None),
        (" * ", None),
        ('"3"', {3}),
        ('"3", "4"', {3, 4}),
        ('W/"3", "4"', {4}),
        ('W/"3"', set()),
        ('W/"3", W/"4"', set()),
        ("3", set()),
        ("", set()),
        ('"three"', set()),
        (f'"{"9" * 400}"', set()),
    ],
)
async def test_if_match(if_match: str | None, versions: set[int] | None) -> None:
    assert await get_if_match(if_match) == versions


def test_etag() -> None:
    response = Response()

    set_etag(response, Row())

    assert response.headers["etag"] == '"3"'
    assert response.headers["last-modified"] == "Thu, 31 Jan 2030 12:00:00 GMT"


def test_location() -> None:
    scope = {"type": "http", "path": "/café/notes", "headers": [], "server": ("test", 80)}
    response = Response()

    set_location(Request({**scope, "query_string": b""}), response, Row())

    assert response.headers["location"] == "/caf%C3%A9/notes/7"
    assert response.headers["etag"] == '"3"'
