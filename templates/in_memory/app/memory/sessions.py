"""Sessions: one kind reads committed rows, the other is a unit of work."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.commit_hooks import CommitHooks, Hook, Listener
from app.core.errors import TransactionConflict
from app.memory.constraints import check_references, check_unique
from app.memory.row import Row

Rows = Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """The committed rows of each model. A commit replaces the rows of a model, and changes none."""

    rows: dict[type[Row], Rows] = field(default_factory=lambda: defaultdict(dict))
    last_ids: dict[type[Row], int] = field(default_factory=lambda: defaultdict(int))


class ReadSession:
    """Reads committed rows."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def rows(self, model: type[Row]) -> Rows:
        return self._tables.rows[model]

    def last_id(self, model: type[Row]) -> int:
        """The highest id that a row of this model has had."""
        return self._tables.last_ids[model]


class Session(ReadSession):
    """A unit of work: it sees its own writes, others see them after the commit."""

    def __init__(self, tables: Tables, listeners: Sequence[Listener] = ()) -> None:
        super().__init__(tables)
        self._read: dict[type[Row], Rows] = {}
        self._written: dict[type[Row], dict[int, Any]] = {}
        self._hooks = CommitHooks(listeners)

    def on_commit(self, hook: Hook) -> None:
        """Run `hook` after the commit, in the order of registration; not after a rollback."""
        self._hooks.add(hook)

    def mark_changed(self, *models: type) -> None:
        """Report changes that the session cannot see."""
        self._hooks.changed.update(model.__name__ for model in models)

    def rows(self, model: type[Row]) -> Rows:
        if model in self._written:
            return self._written[model]
        return self._read.setdefault(model, super().rows(model))

    def models(self) -> Collection[type[Row]]:
        """All models that have, or had, rows."""
        return {*self._tables.rows, *self._written}

    def next_id(self, model: type[Row]) -> int:
        self._tables.last_ids[model] += 1
        return self._tables.last_ids[model]

    def write(self, model: type[Row], row_id: int, row: Row | None) -> None:
        """Set a row, or delete it with None.

        Raises:
            Conflict: another row has a value that must be unique.
        """
        rows = {**self.rows(model)}
        rows.pop(row_id, None)
        if row is not None:
            check_unique(row, rows.values())
            rows[row_id] = row
        self._written[model] = rows
        self._hooks.changed.add(model.__name__)

    async def commit(self) -> None:
        """Publish all writes or none, then run the hooks.

        Raises:
            Conflict: a reference leads to no row.
            TransactionConflict: another session changed rows of the same models.
        """
        check_references(self, self._written.keys())
        tables = self._tables.rows
        if self._written and any(tables[model] is not rows for model, rows in self._read.items()):
            raise TransactionConflict("Another request has changed the same rows.")
        tables.update(self._written)
        self._read.clear()
        self._written.clear()
        await self._hooks.run()
