"""The tables behind the models: what every one has, and how their constraints are called."""

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from sqlalchemy import BigInteger, Column, Index, MetaData, Table
from sqlalchemy.schema import SchemaItem

from app import models
from app.core.sql.columns import Id, Timestamp
from app.models.base import Row

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}
"""A constraint without a name could not be changed by a migration later."""

metadata = MetaData(naming_convention=NAMING_CONVENTION)
_tables: dict[type[Row], Table] = {}


def define_table(
    model: type[Row], name: str, *parts: SchemaItem, metadata: MetaData = metadata
) -> Table:
    """The table of a model: what every row has, and the columns and constraints in `parts`.

    Raises:
        TypeError: its columns are not the fields of the model.
    """
    table = Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("created_at", Timestamp, nullable=False),
        Column("updated_at", Timestamp, nullable=False),
        Column("version", BigInteger, nullable=False),
        *parts,
        Index(f"ix_{name}_created_at", "created_at", "id"),  # how lists are sorted by default
        sqlite_autoincrement=True,  # the id of a deleted row is not given again
    )
    if different := {field.name for field in fields(model)} ^ set(table.columns.keys()):
        names = ", ".join(sorted(different))
        raise TypeError(f"{model.__name__} and its table differ in: {names}")
    _tables[model] = table
    return table


def table_of(model: type[Row]) -> Table:
    """The table that keeps the rows of `model`."""
    return _tables[model]


@cache
def changed_with(table: Table) -> frozenset[str]:
    """The names of the models whose rows a database deletes or changes with those of `table`."""
    found, waiting = {table}, [table]
    while waiting:
        gone = waiting.pop()
        behind = {
            other
            for other in _tables.values()
            for key in other.foreign_keys
            if key.ondelete and key.column.table is gone
        }
        waiting += behind - found
        found |= behind
    return frozenset(model.__name__ for model, other in _tables.items() if other in found)


@cache
def keys_to_clear(table: Table) -> Sequence[Column[Any]]:
    """The keys to `table` of rows that go with its rows, and refer to others that do.

    MySQL judges each reference by itself while it deletes along: those rows have to go first.
    """
    keys = {
        key.parent.table: key.parent
        for other in _tables.values()
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


def load_tables() -> MetaData:
    """All tables of the project: every module of `app/models` is imported."""
    for module in iter_modules(models.__path__):
        import_module(f"{models.__name__}.{module.name}")
    return metadata
