"""What a repository offers, whatever keeps the rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from app.models.base import Row

T = TypeVar("T")
RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which rows, in which order, and which page of them."""

    search: str = ""
    """Kept if one of the searched fields contains it, in any case."""
    any_of: Mapping[str, Collection[Any]] = field(default_factory=dict)
    """Field -> the values that it may have."""
    at_least: Mapping[str, Any] = field(default_factory=dict)
    """Field -> its lowest value."""
    below: Mapping[str, Any] = field(default_factory=dict)
    """Field -> the first value that is too high."""
    order_by: str = "id"
    descending: bool = False
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """One page of rows, and how many there are in all."""

    rows: Sequence[T]
    total: int


class Repository(Protocol[RowT]):
    """Named queries over the rows of one model. It never commits: the unit of work does."""

    async def get(self, row_id: int) -> RowT:
        """The row, or `NotFound`."""

    async def page(self, query: Query) -> Slice[RowT]:
        """The rows that `query` asks for."""

    async def first(self, query: Query) -> RowT | None:
        """The first of the rows that `query` asks for, if there is one."""

    async def after(self, row_id: int, limit: int) -> Sequence[RowT]:
        """The next rows by id: stable while others are added."""

    async def add(self, values: Mapping[str, Any]) -> RowT:
        """Store a new row, or raise `Conflict`."""

    async def update(
        self, row_id: int, changes: Mapping[str, Any], *, versions: Collection[int] | None = None
    ) -> RowT:
        """Change the row, if it has one of `versions`.

        Raises:
            NotFound, PreconditionFailed, Conflict: it is not there, has another version, clashes.
        """

    async def remove(self, row_id: int, *, versions: Collection[int] | None = None) -> None:
        """Delete the row, if it has one of `versions`; raises as `update` does."""

    async def remove_all(self, query: Query) -> None:
        """Delete the rows that the filters of `query` choose, whatever their page."""
