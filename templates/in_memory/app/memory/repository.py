"""The base class of repositories, with the common queries."""

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Generic, TypeVar

from app.core.errors import NotFound, PreconditionFailed
from app.core.query import Filter, PageResult, RowQuery, RowScope
from app.memory.base import Row
from app.memory.session import ReadSession, Session

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "in": lambda value, options: value in options,
    "ge": operator.ge,
    "le": operator.le,
    "lt": operator.lt,
}

RowT = TypeVar("RowT", bound=Row)


class Repository(Generic[RowT]):
    """Queries over the rows of one model; it never commits.

    A subclass sets `model`, and the fields that `?q=` searches.
    """

    model: type[RowT]
    search_fields: tuple[str, ...] = ()

    def __init__(self, session: ReadSession | Session, scope: RowScope | None = None) -> None:
        """With a `scope`, rows outside of it do not exist for the repository."""
        self.session = session
        self._scope = scope or RowScope()

    async def get(self, row_id: int) -> RowT:
        """The row; `NotFound` if it does not exist."""
        row: RowT | None = self.session.rows(self.model).get(row_id)
        if row is None or not self._in_scope(row):
            raise NotFound(f"{self.model.__name__} {row_id} does not exist.")
        return row

    async def get_for_update(self, row_id: int, versions: Collection[int] | None = None) -> RowT:
        """The row.

        Raises:
            NotFound: it does not exist.
            PreconditionFailed: its version is not one of `versions`.
        """
        row = await self.get(row_id)
        if versions is not None and row.version not in versions:
            raise PreconditionFailed(
                f"`If-Match` lacks the current ETag of {self.model.__name__} {row_id}. "
                "Weak ETags never match."
            )
        return row

    async def page(self, query: RowQuery) -> PageResult[RowT]:
        """The rows that the query describes, and how many there are on all pages."""
        rows: list[RowT] = [
            row
            for row in self.session.rows(self.model).values()
            if self._in_scope(row) and self._matches(row, query)
        ]
        rows.sort(key=lambda row: _sort_key(row, query.order_by), reverse=query.descending)
        return PageResult(rows[query.offset : query.offset + query.limit], len(rows))

    async def list_after(
        self, row_id: int, limit: int, query: RowQuery | None = None
    ) -> Sequence[RowT]:
        """The next rows by id that the query looks for: a stable order while rows are added."""
        query = query or RowQuery()
        rows = self.session.rows(self.model)
        last_id = next(reversed(rows), 0)
        # By id, so that reading all rows in batches looks at each row once.
        later = (rows[number] for number in range(row_id + 1, last_id + 1) if number in rows)
        found = (row for row in later if self._in_scope(row) and self._matches(row, query))
        return list(islice(found, limit))

    async def add(self, row: RowT) -> RowT:
        """Insert a row; `Conflict` if a constraint is violated."""
        session, now = self._unit_of_work, datetime.now(UTC)
        values: dict[str, Any] = {"created_at": now, "updated_at": now, **self._scope.defaults}
        row = replace(row, id=session.next_id(self.model), version=1, **values)
        session.write(row)
        return row

    async def update(self, row: RowT, changes: Mapping[str, Any]) -> RowT:
        """Change a row; `Conflict` if a constraint is violated. Equal values are no change."""
        if all(getattr(row, name) == value for name, value in changes.items()):
            return row
        row = replace(row, **changes, updated_at=datetime.now(UTC), version=row.version + 1)
        self._unit_of_work.write(row)
        return row

    async def delete(self, row: RowT) -> None:
        """Delete a row; the commit raises `Conflict` if others refer to it."""
        self._unit_of_work.delete(row)

    def _in_scope(self, row: Row) -> bool:
        return all(getattr(row, name) == value for name, value in self._scope.only.items())

    def _matches(self, row: RowT, query: RowQuery) -> bool:
        text = query.search.lower()
        is_found = not text or any(
            text in (getattr(row, name) or "").lower() for name in self.search_fields
        )
        return is_found and all(_meets(row, condition) for condition in query.filters)

    @property
    def _unit_of_work(self) -> Session:
        if not isinstance(self.session, Session):
            raise TypeError("a ReadSession cannot write: use a Session")
        return self.session


def _meets(row: Row, condition: Filter) -> bool:
    value = getattr(row, condition.field)
    if condition.operator == "is_null":
        return (value is None) is condition.value
    return value is not None and COMPARISONS[condition.operator](value, condition.value)


def _sort_key(row: Row, name: str) -> tuple[bool, Any, int]:
    value = getattr(row, name)
    return (value is None, value, row.id)
