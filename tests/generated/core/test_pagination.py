"""Pages by number and by cursor."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from app.core.pagination import CursorCodec
from app.core.query import Filter, PageResult, RowQuery
from app.schemas.base import Output
from app.schemas.pagination import CursorPage, ListQuery, Page

CODEC = CursorCodec("a secret")
NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)


@dataclass
class Row:
    id: int


ROWS = [Row(number) for number in (1, 2, 3)]


class RowRead(Output):
    id: int


def test_the_next_page_starts_after_the_last_row_shown() -> None:
    first = CursorPage[RowRead].of(ROWS, 2, CODEC)

    assert [row.id for row in first.items] == [1, 2]
    assert CODEC.decode(first.next_cursor) == 2


@pytest.mark.parametrize("size", [3, 4])
def test_the_last_page_has_no_cursor(size: int) -> None:
    page = CursorPage[RowRead].of(ROWS, size, CODEC)

    assert page.model_dump() == {"items": [{"id": 1}, {"id": 2}, {"id": 3}], "next_cursor": None}


def test_an_empty_list_is_one_page() -> None:
    page = CursorPage[RowRead].of([], 2, CODEC)

    assert page.model_dump() == {"items": [], "next_cursor": None}


def test_the_query_of_a_repository() -> None:
    query = ListQuery.model_validate(
        {
            "page": 3,
            "size": 10,
            "sort": "-id",
            "q": "text",
            "created_from": "2030-01-31T12:00:00Z",
            "created_before": "2030-01-31T14:00:00+01:00",
        }
    )

    assert query.to_query() == RowQuery(
        search="text",
        filters=[
            Filter("created_at", "ge", NOON),
            Filter("created_at", "lt", NOON.replace(hour=13)),
        ],
        order_by="id",
        descending=True,
        offset=20,
        limit=10,
    )


@pytest.mark.parametrize("before", ["2030-01-31T12:00:00Z", "2030-01-31T11:00:00Z"])
def test_a_range_of_time_goes_forward(before: str) -> None:
    with pytest.raises(ValidationError, match="created_from must be before created_before"):
        ListQuery.model_validate({"created_from": NOON.isoformat(), "created_before": before})


@pytest.mark.parametrize(("total", "pages"), [(0, 0), (1, 1), (2, 1), (3, 2)])
def test_the_number_of_pages(total: int, pages: int) -> None:
    page = Page[RowRead].of(PageResult(ROWS[:2], total), ListQuery(page=1, size=2))

    assert page.model_dump() == {
        "items": [{"id": 1}, {"id": 2}],
        "total": total,
        "page": 1,
        "size": 2,
        "pages": pages,
    }
