"""Storage in the memory of one process: empty again after a restart."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple, Self, TypeVar

from app.core import repository
from app.core.environment import EnvironmentSettings
from app.core.errors import Conflict, NotFound, PreconditionFailed
from app.core.health import Probe
from app.core.memory_rules import check_references, check_unique
from app.core.repository import Query, Slice
from app.core.unit import AfterCommit, Listener
from app.models.base import Row

RowT = TypeVar("RowT", bound=Row)
Rows = Mapping[int, Any]


class Storage:
    """The committed rows of every model."""

    def __init__(self) -> None:
        self.tables: dict[type[Row], dict[int, Any]] = defaultdict(dict)
        self.last_ids: dict[type[Row], int] = defaultdict(int)
        self.reads = Reads(self)
        self.listeners: list[Listener] = []
        """What is told after every commit what has changed."""
        self.probes: Mapping[str, Probe] = {}
        """Nothing outside of the process can fall silent."""

    @asynccontextmanager
    async def unit(self) -> AsyncGenerator["UnitOfWork"]:
        """A unit of work, committed at the end of the block unless it raises."""
        unit = UnitOfWork(self)
        yield unit
        await unit.commit()


@asynccontextmanager
async def open_storage(_settings: EnvironmentSettings) -> AsyncGenerator[Storage]:
    """The storage of an application, from its start to its end."""
    yield Storage()


class Reads:
    """Sees what is committed."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.scope: Mapping[str, Any] = {}
        self.given: Mapping[str, Any] = {}

    def scoped(self, **values: object) -> Self:
        """The same handle, for the rows with these values only: those of an owner, of a tenant."""
        handle = copy(self)
        handle.scope = handle.given = values
        return handle

    def giving(self, **values: object) -> Self:
        """The same handle, for all rows; those that are added get these values."""
        handle = copy(self)
        handle.given = values
        return handle

    def rows(self, model: type[Row]) -> Rows:
        return self._storage.tables[model]

    def last_id(self, model: type[Row]) -> int:
        """The last id that was given; not every row is there."""
        return self._storage.last_ids[model]


class Change(NamedTuple):
    before: Row | None
    after: Row | None


class UnitOfWork(Reads, AfterCommit):
    """Sees its own writes too; others see them after the commit."""

    def __init__(self, storage: Storage) -> None:
        Reads.__init__(self, storage)
        AfterCommit.__init__(self, storage.listeners)
        self._changes: dict[type[Row], dict[int, Change]] = defaultdict(dict)

    def rows(self, model: type[Row]) -> Rows:
        rows = {**super().rows(model)}
        for row_id, change in self._changes.get(model, {}).items():
            if change.after is None:
                rows.pop(row_id, None)
            else:
                rows[row_id] = change.after
        return rows

    def models(self) -> Collection[type[Row]]:
        """All models that have, or had, rows."""
        return {*self._storage.tables, *self._changes}

    def next_id(self, model: type[Row]) -> int:
        self._storage.last_ids[model] += 1
        return self._storage.last_ids[model]

    def write(self, model: type[Row], row_id: int, row: Row | None) -> None:
        """Set a row, or delete it with None.

        Raises:
            Conflict: another row has a value that must be unique.
        """
        if row is not None:
            check_unique(row, self.rows(model))
        self.announce(model.__name__)
        changes = self._changes[model]
        known = changes.get(row_id)
        before = known.before if known else self._storage.tables[model].get(row_id)
        changes[row_id] = Change(before, row)

    async def commit(self) -> None:
        """Show the writes to everyone, all or none, then run what waits for them.

        Raises:
            Conflict: somebody else changed one of the rows, or took a value, in the meantime.
        """
        tables = self._storage.tables
        for model, changes in self._changes.items():
            for row_id, change in changes.items():
                if tables[model].get(row_id) is not change.before:
                    raise Conflict(f"{model.__name__} {row_id} was changed by somebody else.")
                if change.after is not None:
                    check_unique(change.after, self.rows(model))
                check_references(row_id, change.after, model, self)
        for model, changes in self._changes.items():
            for row_id, change in changes.items():
                if change.after is None:
                    tables[model].pop(row_id, None)
                else:
                    tables[model][row_id] = change.after
        await self.committed()


class Repository(repository.Repository[RowT]):
    """The rows of one model; a subclass names it, and the fields that a search looks into."""

    model: type[RowT]
    searched: Sequence[str] = ()

    def __init__(self, handle: Reads) -> None:
        self._handle = handle

    async def get(self, row_id: int) -> RowT:
        return self._find(row_id)

    async def page(self, query: Query) -> Slice[RowT]:
        rows = [row for row in self._rows() if self._matches(row, query)]
        rows.sort(key=lambda row: _sort_key(row, query.order_by), reverse=query.descending)
        return Slice(rows[query.offset : query.offset + query.limit], len(rows))

    async def first(self, query: Query) -> RowT | None:
        return next(iter((await self.page(query)).rows), None)

    async def after(self, row_id: int, limit: int) -> Sequence[RowT]:
        rows, last_id = self._handle.rows(self.model), self._handle.last_id(self.model)
        # By their ids, one after the other: whoever walks through all looks at each row once.
        later = (rows[number] for number in range(row_id + 1, last_id + 1) if number in rows)
        return list(islice((row for row in later if self._in_scope(row)), limit))

    async def add(self, values: Mapping[str, Any]) -> RowT:
        unit, now = self._unit(), datetime.now(UTC)
        row = self.model(
            id=unit.next_id(self.model),
            created_at=now,
            updated_at=now,
            version=1,
            **values,
            **unit.given,
        )
        unit.write(self.model, row.id, row)
        return row

    async def update(
        self, row_id: int, changes: Mapping[str, Any], *, versions: Collection[int] | None = None
    ) -> RowT:
        unit, row = self._unit(), self._find(row_id, versions)
        row = replace(row, **changes, updated_at=datetime.now(UTC), version=row.version + 1)
        unit.write(self.model, row_id, row)
        return row

    async def remove(self, row_id: int, *, versions: Collection[int] | None = None) -> None:
        unit, row = self._unit(), self._find(row_id, versions)
        unit.write(self.model, row.id, None)

    async def remove_all(self, query: Query) -> None:
        unit = self._unit()
        for row in self._rows():
            if self._matches(row, query):
                unit.write(self.model, row.id, None)

    def _rows(self) -> Sequence[RowT]:
        rows = self._handle.rows(self.model).values()
        return [row for row in rows if self._in_scope(row)] if self._handle.scope else list(rows)

    def _find(self, row_id: int, versions: Collection[int] | None = None) -> RowT:
        row: RowT | None = self._handle.rows(self.model).get(row_id)
        if row is None or not self._in_scope(row):
            raise NotFound(f"{self.model.__name__} {row_id} does not exist.")
        if versions is not None and row.version not in versions:
            raise PreconditionFailed(f"{self.model.__name__} {row_id} has changed since.")
        return row

    def _in_scope(self, row: Row) -> bool:
        return all(getattr(row, name) == value for name, value in self._handle.scope.items())

    def _unit(self) -> UnitOfWork:
        if not isinstance(self._handle, UnitOfWork):
            raise TypeError("this handle only reads: write in a unit of work")
        return self._handle

    def _matches(self, row: RowT, query: Query) -> bool:
        text = query.search.lower()
        return (
            (not text or any(text in str(getattr(row, name)).lower() for name in self.searched))
            and all(getattr(row, name) in values for name, values in query.any_of.items())
            and all(getattr(row, name) >= value for name, value in query.at_least.items())
            and all(getattr(row, name) < value for name, value in query.below.items())
        )


def _sort_key(row: Row, name: str) -> tuple[bool, Any, int]:
    value = getattr(row, name)
    return (value is None, value, row.id)
