"""The statements of a repository, each built once for its table, its scope, and its shape.

Building one takes longer than many a database needs to run it. Parameters are named by what they
are compared with; those that set a column have the name of the column.
"""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from app.core.sql.search import contains

Names = tuple[str, ...]


class Filters(NamedTuple):
    """What rows are chosen by: fields, and no values."""

    searched: Names = ()
    any_of: Names = ()
    at_least: Names = ()
    below: Names = ()


@cache
def select_one(table: Table, scope: Names) -> Select[Any]:
    """By `_id`."""
    return select(table).where(table.c.id == bindparam("_id"), *_in_scope(table, scope))


@cache
def select_after(table: Table, scope: Names) -> Select[Any]:
    """The next `_limit` rows after `_id`, along the primary key."""
    return (
        select(table)
        .where(table.c.id > bindparam("_id"), *_in_scope(table, scope))
        .order_by(table.c.id)
        .limit(bindparam("_limit"))
    )


@cache
def select_page(
    table: Table, scope: Names, filters: Filters, order_by: str, descending: bool
) -> Select[Any]:
    """`_limit` rows from `_offset` on."""
    order = [table.c[order_by]] if order_by == "id" else [table.c[order_by], table.c.id]
    return (
        select(table)
        .where(*_in_scope(table, scope), *_chosen(table, filters))
        .order_by(*(column.desc() if descending else column for column in order))
        .limit(bindparam("_limit"))
        .offset(bindparam("_offset"))
    )


@cache
def count_rows(table: Table, scope: Names, filters: Filters) -> Select[int]:
    return (
        select(func.count())
        .select_from(table)
        .where(*_in_scope(table, scope), *_chosen(table, filters))
    )


@cache
def insert_one(table: Table, *, returning: bool) -> Insert:
    return insert(table).returning(table) if returning else insert(table)


@cache
def select_inserted(table: Table) -> Select[Any]:
    """What this connection inserted last, on a server that does not return it."""
    return select(table).where(table.c.id == func.last_insert_id())


@cache
def update_one(
    table: Table, scope: Names, names: Names, *, versioned: bool, returning: bool
) -> Update:
    """Sets `names`, and counts the version up."""
    statement = (
        update(table)
        .where(table.c.id == bindparam("_id"), *_in_scope(table, scope))
        .where(*_of_version(table, versioned))
        .values({name: bindparam(name, type_=table.c[name].type) for name in names})
        .values(version=table.c.version + 1)
    )
    return statement.returning(table) if returning else statement


@cache
def delete_one(table: Table, scope: Names, *, versioned: bool) -> Delete:
    return (
        delete(table)
        .where(table.c.id == bindparam("_id"), *_in_scope(table, scope))
        .where(*_of_version(table, versioned))
    )


@cache
def delete_along(key: Column[Any]) -> Delete:
    """The rows whose key leads to `_id`."""
    return delete(key.table).where(key == bindparam("_id"))


@cache
def delete_chosen(table: Table, scope: Names, filters: Filters) -> Delete:
    return delete(table).where(*_in_scope(table, scope), *_chosen(table, filters))


def _in_scope(table: Table, scope: Names) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"_scope_{name}") for name in scope]


def _of_version(table: Table, versioned: bool) -> list[ColumnElement[bool]]:
    return [table.c.version.in_(bindparam("_versions", expanding=True))] if versioned else []


def _chosen(table: Table, filters: Filters) -> list[ColumnElement[bool]]:
    found = [contains(table.c[name], "_search") for name in filters.searched]
    return [
        *([or_(*found)] if found else []),
        *(table.c[name].in_(bindparam(f"_any_{name}", expanding=True)) for name in filters.any_of),
        *(table.c[name] >= bindparam(f"_least_{name}") for name in filters.at_least),
        *(table.c[name] < bindparam(f"_below_{name}") for name in filters.below),
    ]
