"""Pages of a list: by number, and by cursor for lists that grow while they are read."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import Field, computed_field, model_validator

from app.core.pagination import CursorCodec
from app.core.query import Filter, PageResult, RowQuery
from app.schemas.base import DateTime, Input, Output

MAX_SIZE = 100
T = TypeVar("T")

Size = Annotated[int, Field(ge=1, le=MAX_SIZE, description="Items per page.")]
Cursor = Annotated[str, Field(max_length=100, description="`next_cursor` of the previous page.")]


class ListFilter(Input):
    """The filters that every list takes; a resource adds its own."""

    q: Annotated[str, Field(max_length=100, description="Text to look for.")] = ""
    created_from: DateTime | None = None
    created_before: DateTime | None = None

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> Self:
        if (
            self.created_from is not None
            and self.created_before is not None
            and self.created_from >= self.created_before
        ):
            raise ValueError("created_from must be before created_before")
        return self

    def filters(self) -> list[Filter]:
        """The filters of the repository; those without a value do not count."""
        return [
            Filter("created_at", "ge", self.created_from),
            Filter("created_at", "lt", self.created_before),
        ]

    def to_query(self) -> RowQuery:
        """The query of the repository."""
        filters = [each for each in self.filters() if each.value not in (None, [])]
        return RowQuery(search=self.q, filters=filters)


class CursorParams(Input):
    """The position in a list by cursor, and the size of the next page."""

    cursor: Cursor | None = None
    size: Size = 20


class CursorQuery(ListFilter, CursorParams):
    """The query parameters of a list by cursor."""


class ListQuery(ListFilter):
    """The query parameters of a list by number; a resource adds its own `sort`."""

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    size: Size = 20
    sort: str = "-created_at"

    def to_query(self) -> RowQuery:
        return replace(
            super().to_query(),
            order_by=self.sort.removeprefix("-"),
            descending=self.sort.startswith("-"),
            offset=(self.page - 1) * self.size,
            limit=self.size,
        )


class Page(Output, Generic[T]):
    """One page by number."""

    items: list[T]
    total: int
    page: int
    size: int

    @computed_field
    def pages(self) -> int:
        return ceil(self.total / self.size)

    @classmethod
    def of(cls, found: PageResult[Any], query: ListQuery) -> Self:
        """Make the page from rows."""
        return cls.model_validate(
            {"items": found.rows, "total": found.total, "page": query.page, "size": query.size}
        )


class CursorPage(Output, Generic[T]):
    """One page by cursor; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None

    @classmethod
    def of(cls, rows: Sequence[Any], size: int, codec: CursorCodec) -> Self:
        """Make a page of `size` rows. One row more in `rows` shows that there is a next page."""
        shown = rows[:size]
        next_cursor = codec.encode(shown[-1].id) if len(rows) > size else None
        return cls.model_validate({"items": shown, "next_cursor": next_cursor})
