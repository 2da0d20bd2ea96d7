"""Keeps ids from being used again when a migration on SQLite copies a table.

SQLite cannot alter a column: Alembic creates another table, copies the rows, and renames it. The
copy would lose AUTOINCREMENT, and the highest id that was ever used.
"""

from typing import Any

from sqlalchemy import Connection, Table, event, text

PREFIX = "_alembic_tmp_"
IS_AUTOINCREMENT = text("SELECT sql LIKE '%AUTOINCREMENT%' FROM sqlite_master WHERE name = :name")
COPY_HIGHEST_ID = text(
    "INSERT INTO sqlite_sequence (name, seq) "
    "SELECT :copy, seq FROM sqlite_sequence WHERE name = :name"
)


def keep_autoincrement() -> None:
    """From now on, copies of tables keep it."""
    event.listen(Table, "before_create", _set_option)
    event.listen(Table, "after_create", _copy_highest_id)


def _set_option(table: Table, connection: Connection, **_: Any) -> None:  # noqa: ANN401
    if table.name.startswith(PREFIX):
        original = {"name": table.name.removeprefix(PREFIX)}
        is_set = bool(connection.scalar(IS_AUTOINCREMENT, original))
        table.dialect_options["sqlite"]["autoincrement"] = is_set


def _copy_highest_id(table: Table, connection: Connection, **_: Any) -> None:  # noqa: ANN401
    if table.dialect_options["sqlite"]["autoincrement"] and table.name.startswith(PREFIX):
        names = {"copy": table.name, "name": table.name.removeprefix(PREFIX)}
        connection.execute(COPY_HIGHEST_ID, names)
