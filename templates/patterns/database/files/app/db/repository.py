"""The base of repositories: the queries that all of them have."""

import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Generic, Protocol, Self, TypeVar

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, false, func, or_, select
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Session as SyncSession

from app.core.errors import NotFound, PreconditionFailed
from app.core.query import PageResult, RowQuery, RowScope
from app.db.base import Model
from app.db.session import ReadSession, Session

SEARCHED = (
    Text()
    .with_variant(Text(collation="und-x-icu"), "postgresql")
    .with_variant(mysql.CHAR(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
)
"""Text whose small letters do not depend on the locale of the server."""

COMPARISONS: Mapping[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "in": lambda column, values: column.in_(values),
    "ge": operator.ge,
    "le": operator.le,
    "lt": operator.lt,
    "is_null": lambda column, is_null: column.is_(None) if is_null else column.is_not(None),
}


ModelT = TypeVar("ModelT", bound=Model)

# Building a statement takes longer than running it: those of most requests are kept.


@cache
def _select_one(model: type[ModelT]) -> Select[ModelT]:
    return select(model).where(model.id == bindparam("id"))


@cache
def _select_for_update(model: type[ModelT]) -> Select[ModelT]:
    return _select_one(model).with_for_update().execution_options(populate_existing=True)


@cache
def _select_page(model: type[ModelT], order_by: str, descending: bool) -> Select[ModelT]:
    columns = [getattr(model, name) for name in dict.fromkeys((order_by, "id"))]
    order = [column.desc() if descending else column for column in columns]
    page = select(model).order_by(*order)
    return page.limit(bindparam("limit")).offset(bindparam("offset"))


@cache
def _count_rows(model: type[Model]) -> Select[int]:
    return select(func.count()).select_from(model)


class Statement(Protocol):
    """A `select()`, `update()` or `delete()`."""

    def where(self, *conditions: ColumnElement[bool]) -> Self: ...


StatementT = TypeVar("StatementT", bound=Statement)


class Repository(Generic[ModelT]):
    """Queries over the rows of one model; it never commits.

    A subclass sets `model`, and the columns that `?q=` searches. Its own queries use
    `self.session` and `self.scoped(select(...))`.
    """

    model: type[ModelT]
    search_fields: tuple[str, ...] = ()

    def __init__(self, session: ReadSession | Session, scope: RowScope | None = None) -> None:
        """With a `scope`, rows outside of it do not exist for the repository."""
        self.session = session
        self._scope = scope or RowScope()

    async def get(self, row_id: int) -> ModelT:
        """The row; `NotFound` if it does not exist."""
        return await self._get(_select_one(self.model), row_id)

    async def get_for_update(self, row_id: int, versions: Collection[int] | None = None) -> ModelT:
        """The row, locked until the commit.

        Raises:
            NotFound: it does not exist.
            PreconditionFailed: its version is not one of `versions`.
        """
        row = await self._get(_select_for_update(self.model), row_id)
        if versions is not None and row.version not in versions:
            raise PreconditionFailed(
                f"`If-Match` lacks the current ETag of {self.model.__name__} {row_id}. "
                "Weak ETags never match."
            )
        return row

    async def page(self, query: RowQuery) -> PageResult[ModelT]:
        """The rows that the query describes, and how many there are on all pages."""
        rows = _select_page(self.model, query.order_by, query.descending)
        count = _count_rows(self.model)
        if conditions := [*self._conditions(query)]:
            rows, count = rows.where(*conditions), count.where(*conditions)
        part = {"limit": query.limit, "offset": query.offset}

        def run(session: SyncSession) -> PageResult[ModelT]:
            return PageResult(session.scalars(rows, part).all(), session.scalar(count) or 0)

        return await self.session.run_sync(run)  # both on one connection

    async def list_after(
        self, row_id: int, limit: int, query: RowQuery | None = None
    ) -> Sequence[ModelT]:
        """The next rows by id that the query looks for: a stable order while rows are added."""
        conditions = self._conditions(query or RowQuery())
        later = select(self.model).where(self.model.id > row_id, *conditions)
        return (await self.session.scalars(later.order_by(self.model.id).limit(limit))).all()

    async def add(self, row: ModelT) -> ModelT:
        """Insert a row; `Conflict` if a constraint is violated."""
        for name, value in self._scope.defaults.items():
            setattr(row, name, value)
        self._unit_of_work.add(row)
        await self._unit_of_work.flush()
        return row

    async def update(self, row: ModelT, changes: Mapping[str, Any]) -> ModelT:
        """Change a row; `Conflict` if a constraint is violated. Equal values are no change."""
        for name, value in changes.items():
            setattr(row, name, value)
        await self._unit_of_work.flush()
        return row

    async def delete(self, row: ModelT) -> None:
        """Delete a row; `Conflict` if others refer to it."""
        await self._unit_of_work.delete(row)
        await self._unit_of_work.flush()

    def scoped(self, statement: StatementT) -> StatementT:
        """A statement of your own, limited to the rows of the scope."""
        columns = self.model.__table__.c
        only = self._scope.only.items()
        return statement.where(*(columns[name] == value for name, value in only))

    def _conditions(self, query: RowQuery) -> Iterator[ColumnElement[bool]]:
        """The conditions of a query, and of the scope."""
        columns = self.model.__table__.c
        for name, value in self._scope.only.items():
            yield columns[name] == value
        if query.search:
            text = query.search.lower()
            fields = [func.lower(cast(columns[name], SEARCHED)) for name in self.search_fields]
            yield or_(false(), *(column.contains(text, autoescape=True) for column in fields))
        for field, compare, value in query.filters:
            yield COMPARISONS[compare](getattr(self.model, field), value)

    async def _get(self, statement: Select[ModelT], row_id: int) -> ModelT:
        row = await self.session.scalar(statement, {"id": row_id})
        only = self._scope.only.items()
        if row is None or any(getattr(row, name) != value for name, value in only):
            raise NotFound(f"{self.model.__name__} {row_id} does not exist.")
        return row

    @property
    def _unit_of_work(self) -> Session:
        if not isinstance(self.session, Session):
            raise TypeError("a ReadSession cannot write: use a Session")
        return self.session
