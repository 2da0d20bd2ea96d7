"""`If-Match`, `ETag`, `Last-Modified` and `Location`."""

from datetime import UTC, datetime

import pytest
from fastapi import Request, Response

from app.api.dependencies.conditional import get_wanted_versions
from app.core.errors import PreconditionFailed
from app.core.row_headers import tell_created, tell_version
from app.models.base import Row

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)
ROW = Row(id=7, created_at=NOON, updated_at=NOON, version=3)


@pytest.mark.parametrize(
    ("if_match", "versions"),
    [
        (None, None),
        ("*", None),
        (" * ", None),
        ('"3"', {3}),
        ('"3", "4"', {3, 4}),
        ('W/"3", "4"', {4}),
        ('"three"', set()),
        (f'"{"9" * 400}"', set()),
    ],
)
async def test_the_versions_that_a_client_accepts(
    if_match: str | None, versions: set[int] | None
) -> None:
    assert await get_wanted_versions(if_match) == versions


@pytest.mark.parametrize("if_match", ['W/"3"', 'W/"3", W/"4"', "3", ""])
async def test_if_match_needs_a_strong_etag(if_match: str) -> None:
    with pytest.raises(PreconditionFailed, match="needs a strong ETag"):
        await get_wanted_versions(if_match)


def test_a_row_tells_its_version() -> None:
    response = Response()

    tell_version(response, ROW)

    assert response.headers["etag"] == '"3"'
    assert response.headers["last-modified"] == "Thu, 31 Jan 2030 12:00:00 GMT"


def test_a_new_row_tells_where_it_is() -> None:
    scope = {"type": "http", "path": "/notes", "headers": [], "server": ("test", 80)}
    response = Response()

    tell_created(Request({**scope, "query_string": b""}), response, ROW)

    assert response.headers["location"] == "/notes/7"
    assert response.headers["etag"] == '"3"'
