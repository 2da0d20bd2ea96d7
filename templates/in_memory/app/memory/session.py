"""Sessions: one kind reads committed rows, the other is a unit of work."""

from collections import Counter

from app.core.commit_hooks import CommitHooks, Hook
from app.memory.base import Row, Rows, Tables, check_references, check_unique


class ReadSession:
    """Reads committed rows."""

    def __init__(self, committed: Tables) -> None:
        self._committed = committed

    def rows(self, model: type[Row]) -> Rows:
        """The rows of a model by id, in ascending order."""
        return self._committed.get(model, {})


class Session(ReadSession):
    """A unit of work: it sees its own writes, others see them after the commit."""

    def __init__(self, committed: Tables, last_ids: Counter[type[Row]], hooks: CommitHooks) -> None:
        super().__init__(committed)
        self._last_ids = last_ids
        self._written: Tables = {}
        self._hooks = hooks

    def on_commit(self, hook: Hook) -> None:
        """Run `hook` after the commit, in the order of registration; not after a rollback."""
        self._hooks.add(hook)

    def mark_changed(self, *models: type) -> None:
        """Report changes that the session cannot see."""
        self._hooks.changed.update(model.__name__ for model in models)

    def rows(self, model: type[Row]) -> Rows:
        """The rows of a model by id, in ascending order."""
        return self._written[model] if model in self._written else super().rows(model)

    def next_id(self, model: type[Row]) -> int:
        self._last_ids[model] += 1
        return self._last_ids[model]

    def write(self, row: Row) -> None:
        """Add or replace a row; `Conflict` if another one has a value that must be unique."""
        rows = self._changed_rows(type(row))
        check_unique(row, rows.values())
        rows[row.id] = row

    def delete(self, row: Row) -> None:
        del self._changed_rows(type(row))[row.id]

    def publish(self) -> None:
        """Let all sessions see the changes; `Conflict` if a reference leads to no row."""
        tables = self._committed | self._written
        if self._written:
            check_references(tables)
        self._committed.update(self._written)

    def _changed_rows(self, model: type[Row]) -> Rows:
        if model not in self._written:
            self._written[model] = {**self.rows(model)}
            self._hooks.changed.add(model.__name__)
        return self._written[model]
