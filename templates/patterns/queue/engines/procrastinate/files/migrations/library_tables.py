"""Tables that belong to libraries, for revisions; autogenerate ignores them.

Those of procrastinate are on PostgreSQL alone. procrastinate has no record of the version of its
schema: it is kept as the comment of a table. A project that has another engine by now, and not the
package, gets no tables.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alembic import context, op
from sqlalchemy import text

PREFIXES = ("procrastinate_",)

VERSION = text("SELECT obj_description('procrastinate_jobs'::regclass)")

REMOVE = """
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class WHERE relkind = 'r'
        AND relname LIKE 'procrastinate\\_%' AND pg_table_is_visible(oid)
    LOOP EXECUTE 'DROP TABLE ' || name || ' CASCADE'; END LOOP;
    FOR name IN SELECT oid::regprocedure FROM pg_proc
        WHERE proname LIKE 'procrastinate\\_%' AND pg_function_is_visible(oid)
    LOOP EXECUTE 'DROP FUNCTION ' || name || ' CASCADE'; END LOOP;
    FOR name IN SELECT oid::regtype FROM pg_type WHERE typtype IN ('c', 'e')
        AND typname LIKE 'procrastinate\\_%' AND pg_type_is_visible(oid)
    LOOP EXECUTE 'DROP TYPE ' || name || ' CASCADE'; END LOOP;
END $$;
"""


def install() -> None:
    """Create the schema of the installed version."""
    if _has_tables():
        _run(_manager().get_schema())
        _record(_scripts()[-1].name)


def update() -> None:
    """Apply what the installed version has added; nothing where it is there already."""
    if _has_tables():
        version = str(op.get_bind().scalar(VERSION))
        for script in _scripts():
            if script.name > version:
                _run(script.read_text("utf-8"))
                _record(script.name)


def remove() -> None:
    """Drop the schema, with all jobs."""
    if _is_postgresql():
        _run(REMOVE)


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _has_tables() -> bool:
    return _is_postgresql() and find_spec("procrastinate") is not None


def _manager() -> Any:  # noqa: ANN401
    # By name: type checkers do not find a package that may be missing.
    return import_module("procrastinate.schema").SchemaManager


def _scripts() -> list[Path]:
    return sorted(Path(_manager().get_migrations_path()).glob("*.sql"))


def _record(version: str) -> None:
    op.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{version}'")


def _run(script: str) -> None:
    if context.is_offline_mode():
        op.execute(script.replace(":", "\\:"))
        return
    # asyncpg runs several statements at once only on its own connection.
    connection = op.get_bind().connection.dbapi_connection
    if connection is None:
        raise RuntimeError("the connection is closed")
    connection.run_async(lambda driver: driver.execute(script))
