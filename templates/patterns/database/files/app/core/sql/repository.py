"""The rows of one model in a database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from app.core import repository
from app.core.errors import NotFound, PreconditionFailed
from app.core.repository import Query, Slice
from app.core.sql import statements
from app.core.sql.search import pattern
from app.core.sql.statements import Filters
from app.core.sql.storage import Reads, UnitOfWork
from app.core.sql.tables import changed_with, keys_to_clear, table_of
from app.core.sql.transaction import Answer, Call
from app.models.base import Row

RowT = TypeVar("RowT", bound=Row)


class Repository(repository.Repository[RowT]):
    """The rows of one model; a subclass names it, and the fields that a search looks into."""

    model: type[RowT]
    searched: Sequence[str] = ()

    def __init__(self, handle: Reads) -> None:
        self._handle = handle
        self._table = table_of(self.model)
        self._scope = tuple(handle.scope)
        self._scope_values = {f"_scope_{name}": value for name, value in handle.scope.items()}

    async def get(self, row_id: int) -> RowT:
        (found,) = await self._handle.run(self._call_one(row_id))
        if not found.rows:
            raise NotFound(f"{self.model.__name__} {row_id} does not exist.")
        return self._rows(found)[0]

    async def page(self, query: Query) -> Slice[RowT]:
        filters, values = self._filters(query)
        select = statements.select_page(
            self._table, self._scope, filters, query.order_by, query.descending
        )
        count = statements.count_rows(self._table, self._scope, filters)
        shown = {**values, "_limit": query.limit, "_offset": query.offset}
        found, counted = await self._handle.run(Call(select, shown), Call(count, values))
        return Slice(self._rows(found), counted.rows[0][0])

    async def first(self, query: Query) -> RowT | None:
        filters, values = self._filters(query)
        select = statements.select_page(
            self._table, self._scope, filters, query.order_by, query.descending
        )
        (found,) = await self._handle.run(Call(select, {**values, "_limit": 1, "_offset": 0}))
        return next(iter(self._rows(found)), None)

    async def after(self, row_id: int, limit: int) -> Sequence[RowT]:
        select = statements.select_after(self._table, self._scope)
        values = {"_id": row_id, "_limit": limit, **self._scope_values}
        (found,) = await self._handle.run(Call(select, values))
        return self._rows(found)

    async def add(self, values: Mapping[str, Any]) -> RowT:
        unit, now = self._unit(), datetime.now(UTC)
        row = {**values, **unit.given, "created_at": now, "updated_at": now, "version": 1}
        returning = unit.database.returns_inserted
        calls = [Call(statements.insert_one(self._table, returning=returning), row)]
        if not returning:
            calls.append(Call(statements.select_inserted(self._table), {}))
        return self._rows((await unit.run(*calls))[-1])[0]

    async def update(
        self, row_id: int, changes: Mapping[str, Any], *, versions: Collection[int] | None = None
    ) -> RowT:
        unit, returning = self._unit(), self._handle.database.returns_updated
        changes = {**changes, "updated_at": datetime.now(UTC)}
        update = statements.update_one(
            self._table,
            self._scope,
            tuple(changes),
            versioned=versions is not None,
            returning=returning,
        )
        calls = [Call(update, {**changes, **self._one(row_id, versions)})]
        if not returning:
            calls.append(self._call_one(row_id))
        answers = await unit.run(*calls)
        if not answers[0].affected:
            await self._explain(row_id)
        return self._rows(answers[-1])[0]

    async def remove(self, row_id: int, *, versions: Collection[int] | None = None) -> None:
        delete = statements.delete_one(self._table, self._scope, versioned=versions is not None)
        if keys := keys_to_clear(self._table):
            await self.get(row_id)
            along = [Call(statements.delete_along(key), {"_id": row_id}) for key in keys]
            await self._unit_to_delete().run(*along)
        (done,) = await self._unit_to_delete().run(Call(delete, self._one(row_id, versions)))
        if not done.affected:
            await self._explain(row_id)

    async def remove_all(self, query: Query) -> None:
        filters, values = self._filters(query)
        delete = statements.delete_chosen(self._table, self._scope, filters)
        await self._unit_to_delete().run(Call(delete, values))

    async def _explain(self, row_id: int) -> None:
        """Say why a write met no row.

        Raises:
            NotFound, PreconditionFailed: it is not there, or it is, and has another version.
        """
        await self.get(row_id)
        raise PreconditionFailed(f"{self.model.__name__} {row_id} has changed since.")

    def _call_one(self, row_id: int) -> Call:
        return Call(statements.select_one(self._table, self._scope), self._one(row_id))

    def _one(self, row_id: int, versions: Collection[int] | None = None) -> dict[str, Any]:
        values = {"_id": row_id, **self._scope_values}
        return values if versions is None else {**values, "_versions": [*versions]}

    def _filters(self, query: Query) -> tuple[Filters, dict[str, Any]]:
        """The shape of a query, and the values of its parameters."""
        filters = Filters(
            tuple(self.searched) if query.search else (),
            tuple(query.any_of),
            tuple(query.at_least),
            tuple(query.below),
        )
        values = {
            **self._scope_values,
            **{f"_any_{name}": [*options] for name, options in query.any_of.items()},
            **{f"_least_{name}": value for name, value in query.at_least.items()},
            **{f"_below_{name}": value for name, value in query.below.items()},
        }
        if filters.searched:
            values["_search"] = pattern(query.search)
        return filters, values

    def _rows(self, answer: Answer) -> list[RowT]:
        return [self.model(**row._asdict()) for row in answer.rows]

    def _unit_to_delete(self) -> UnitOfWork:
        """The handle, for a write that the database may go on with by itself."""
        unit = self._unit()
        for name in changed_with(self._table):
            unit.announce(name)
        return unit

    def _unit(self) -> UnitOfWork:
        """The handle, for a write."""
        if not isinstance(self._handle, UnitOfWork):
            raise TypeError("this handle only reads: write in a unit of work")
        self._handle.announce(self.model.__name__)
        return self._handle
