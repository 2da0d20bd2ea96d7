"""The rows that a database deletes or changes along with others (`ON DELETE`)."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Table

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


@cache
def keys_to_delete_first(table: Table) -> Sequence[Column[Any]]:
    """The foreign keys to `table` of rows that have to be deleted before its rows.

    MySQL checks each reference by itself while it cascades. Rows that are deleted along and refer
    to other such rows have to go first.
    """
    keys = {
        key.parent.table: key.parent
        for other in table.metadata.tables.values()
        for key in other.foreign_keys
        if key.ondelete == "CASCADE" and key.column.table is table
    }
    if len(keys) < 2:
        return []
    return [
        keys[other]
        for other in reversed(table.metadata.sorted_tables)
        if other in keys and any(key.column.table in keys for key in other.foreign_keys)
    ]
