"""Sessions: one kind reads committed rows, the other is a unit of work."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.core.commit_hooks import CommitHooks, Hook, Listener
from app.core.errors import Conflict
from app.memory.constraints import check_references, check_unique
from app.memory.row import Row

Rows = Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """The committed rows of every model."""

    rows: dict[type[Row], dict[int, Any]] = field(default_factory=lambda: defaultdict(dict))
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


class Change(NamedTuple):
    before: Row | None
    after: Row | None


class Session(ReadSession):
    """A unit of work: it sees its own writes, others see them after the commit."""

    def __init__(self, tables: Tables, listeners: Sequence[Listener] = ()) -> None:
        super().__init__(tables)
        self._changes: dict[type[Row], dict[int, Change]] = defaultdict(dict)
        self._hooks = CommitHooks(listeners)

    def on_commit(self, hook: Hook) -> None:
        """Run `hook` after the commit, in the order of registration; not after a rollback."""
        self._hooks.add(hook)

    def mark_changed(self, *models: type) -> None:
        """Report changes that the session cannot see."""
        self._hooks.changed.update(model.__name__ for model in models)

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
        return {*self._tables.rows, *self._changes}

    def next_id(self, model: type[Row]) -> int:
        self._tables.last_ids[model] += 1
        return self._tables.last_ids[model]

    def write(self, model: type[Row], row_id: int, row: Row | None) -> None:
        """Set a row, or delete it with None.

        Raises:
            Conflict: another row has a value that must be unique.
        """
        if row is not None:
            check_unique(row, self.rows(model))
        changes = self._changes[model]
        known = changes.get(row_id)
        before = known.before if known else self._tables.rows[model].get(row_id)
        changes[row_id] = Change(before, row)
        self._hooks.changed.add(model.__name__)

    async def commit(self) -> None:
        """Publish all writes or none, then run the hooks.

        Raises:
            Conflict: another session has changed one of the rows, or taken a value.
        """
        tables = self._tables.rows
        for model, changes in self._changes.items():
            for row_id, change in changes.items():
                if tables[model].get(row_id) is not change.before:
                    raise Conflict(f"{model.__name__} {row_id} was changed by another request.")
                if change.after is not None:
                    check_unique(change.after, self.rows(model))
                check_references(row_id, change.after, model, self)
        for model, changes in self._changes.items():
            for row_id, change in changes.items():
                if change.after is None:
                    tables[model].pop(row_id, None)
                else:
                    tables[model][row_id] = change.after
        self._changes.clear()
        await self._hooks.run()
