"""Pages of a list."""

from collections.abc import Callable
from math import ceil
from typing import Generic, TypeVar

import strawberry

from app.core.query import PageResult
from app.schemas.pagination import ListQuery

T = TypeVar("T")
RowT = TypeVar("RowT")


@strawberry.type
class Page(Generic[T]):
    items: list[T]
    total: int
    page: int
    size: int
    pages: int


def to_page(make: Callable[[RowT], T], found: PageResult[RowT], query: ListQuery) -> Page[T]:
    """The page of what `make` makes of the rows."""
    return Page(
        items=[make(row) for row in found.rows],
        total=found.total,
        page=query.page,
        size=query.size,
        pages=ceil(found.total / query.size),
    )
