"""Reports which models the commits change, for example to a cache."""

from functools import cache

from sqlalchemy import Table, event
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm import Session as SyncSession

from app.core.commit_hooks import Listener
from app.db.base import Base
from app.db.database import Database
from app.db.session import UnitOfWork


def report_changes(database: Database, listener: Listener) -> None:
    """Call `listener` after each commit with the names of the changed models."""
    database.on_commit.append(listener)
    event.listen(UnitOfWork, "after_flush", _record_rows)
    event.listen(UnitOfWork, "do_orm_execute", _record_statement)


def _record_rows(session: SyncSession, _context: object) -> None:
    changed: set[str] = session.info["hooks"].changed
    changed.update(type(row).__name__ for row in (*session.new, *session.dirty))
    for row in session.deleted:
        changed |= _changed_with(row.__table__)


def _record_statement(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if mapper is None or state.is_select:
        return
    changed: set[str] = state.session.info["hooks"].changed
    if state.is_delete:
        changed |= _changed_with(mapper.local_table)
    changed.add(mapper.class_.__name__)


@cache
def _changed_with(table: Table) -> frozenset[str]:
    """The names of the models whose rows change when rows of `table` are deleted (`ON DELETE`)."""
    found, waiting = {table}, [table]
    while waiting:
        deleted = waiting.pop()
        dependent = {
            other
            for other in table.metadata.tables.values()
            for key in other.foreign_keys
            if key.ondelete and key.column.table is deleted
        }
        waiting += dependent - found
        found |= dependent
    mappers = Base.registry.mappers
    return frozenset(mapper.class_.__name__ for mapper in mappers if mapper.local_table in found)
