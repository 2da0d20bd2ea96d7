"""Keeps ids from being used again, and rows from being deleted, when a migration copies a table.

SQLite cannot alter a column: Alembic creates another table, copies the rows, drops the first table,
and renames the other one. The copy would lose AUTOINCREMENT, and the highest id that was ever used.
With foreign keys on, the drop would delete all rows that refer to the table.
"""

from typing import Any

from sqlalchemy import Connection, Engine, Table, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection

PREFIX = "_alembic_tmp_"
IS_AUTOINCREMENT = text("SELECT sql LIKE '%AUTOINCREMENT%' FROM sqlite_master WHERE name = :name")
COPY_HIGHEST_ID = text(
    "INSERT INTO sqlite_sequence (name, seq) "
    "SELECT :copy, seq FROM sqlite_sequence WHERE name = :name"
)


def without_foreign_keys(engine: Engine) -> None:
    """Do not enforce foreign keys on the connections of a migration."""
    event.listen(engine, "connect", _ignore_foreign_keys)


def check_foreign_keys(connection: Connection) -> None:
    """Make sure that the migrations have left no row that refers to nothing.

    Raises:
        ValueError: there is one; the migrations are undone.
    """
    if row := connection.execute(text("PRAGMA foreign_key_check")).first():
        raise ValueError(f"Rows of {row[0]!r} would refer to rows of {row[2]!r} that are missing.")


def keep_autoincrement() -> None:
    """From now on, copies of tables keep it."""
    event.listen(Table, "before_create", _set_option)
    event.listen(Table, "after_create", _copy_highest_id)


def _ignore_foreign_keys(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def _set_option(table: Table, connection: Connection, **_: Any) -> None:  # noqa: ANN401
    if table.name.startswith(PREFIX):
        original = {"name": table.name.removeprefix(PREFIX)}
        is_set = bool(connection.scalar(IS_AUTOINCREMENT, original))
        table.dialect_options["sqlite"]["autoincrement"] = is_set


def _copy_highest_id(table: Table, connection: Connection, **_: Any) -> None:  # noqa: ANN401
    if table.dialect_options["sqlite"]["autoincrement"] and table.name.startswith(PREFIX):
        names = {"copy": table.name, "name": table.name.removeprefix(PREFIX)}
        connection.execute(COPY_HIGHEST_ID, names)
