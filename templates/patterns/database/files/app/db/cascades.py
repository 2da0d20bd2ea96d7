"""Models whose rows change when rows of another one are deleted (`ON DELETE`)."""

from functools import cache

from sqlalchemy import Table

from app.db.base import Base


@cache
def changed_with(table: Table) -> frozenset[str]:
    """The names of the models whose rows change when rows of `table` are deleted."""
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
