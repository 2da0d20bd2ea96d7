"""The base of repositories: the queries that all of them have."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Generic, Protocol, Self, TypeVar

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session as SyncSession

from app.core.errors import NotFound, PreconditionFailed
from app.core.query import Criteria, PageResult, Query, RowScope
from app.db import statements
from app.db.sessions import ReadSession, Session
from app.db.statements import Conditions, ModelT


class Statement(Protocol):
    """A `select()`, `update()` or `delete()`."""

    def where(self, *conditions: ColumnElement[bool]) -> Self: ...


StatementT = TypeVar("StatementT", bound=Statement)


class Repository(Generic[ModelT]):
    """Queries over the rows of one model; it never commits.

    A subclass names the model, and the columns that a search looks into. Its own queries use
    `self.session` and `self.scoped(select(...))`.
    """

    model: type[ModelT]
    searched: tuple[str, ...] = ()

    def __init__(self, session: ReadSession | Session, scope: RowScope | None = None) -> None:
        """With a `scope`, rows outside of it do not exist for the repository."""
        self.session = session
        self._scope = scope or RowScope()
        self._names = tuple(self._scope.only)
        self._scope_values = {f"scope_{key}": value for key, value in self._scope.only.items()}

    async def get(self, row_id: int) -> ModelT:
        """The row; `NotFound` if it does not exist."""
        return await self._get(statements.select_one(self.model, self._names), row_id)

    async def get_for_update(self, row_id: int, versions: Collection[int] | None = None) -> ModelT:
        """The row, locked until the commit.

        Raises:
            NotFound: it does not exist.
            PreconditionFailed: its version is not one of `versions`.
        """
        row = await self._get(statements.select_for_update(self.model, self._names), row_id)
        if versions is not None and row.version not in versions:
            raise PreconditionFailed(
                f"`If-Match` lacks the current ETag of {self.model.__name__} {row_id}. "
                "Weak ETags never match."
            )
        return row

    async def page(self, query: Query) -> PageResult[ModelT]:
        """The rows that the query describes, and how many there are on all pages."""
        conditions = Conditions.of(query, self._names, self.searched)
        values = {**statements.parameters_of(query), **self._scope_values}
        count = statements.count_rows(self.model, conditions)
        select = statements.select_page(self.model, conditions, query.order_by, query.descending)
        page = {**values, "limit": query.limit, "offset": query.offset}

        def run(session: SyncSession) -> PageResult[ModelT]:
            rows = session.scalars(select, page).all()
            return PageResult(rows, session.scalar(count, values) or 0)

        return await self.session.run_sync(run)  # both on one connection

    async def list_after(
        self, row_id: int, limit: int, criteria: Criteria | None = None
    ) -> Sequence[ModelT]:
        """The next rows by id: a stable order while rows are added."""
        criteria = criteria or Criteria()
        conditions = Conditions.of(criteria, self._names, self.searched)
        select = statements.select_after(self.model, conditions)
        values = {**statements.parameters_of(criteria), **self._scope_values}
        after = {"id": row_id, "limit": limit}
        return (await self.session.scalars(select, {**values, **after})).all()

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

    async def _get(self, statement: Select[ModelT], row_id: int) -> ModelT:
        row = await self.session.scalar(statement, {"id": row_id, **self._scope_values})
        if row is None:
            raise NotFound(f"{self.model.__name__} {row_id} does not exist.")
        return row

    @property
    def _unit_of_work(self) -> Session:
        if not isinstance(self.session, Session):
            raise TypeError("a ReadSession cannot write: use a Session")
        return self.session
