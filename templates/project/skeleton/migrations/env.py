"""How Alembic comes to the database; tables are found without being listed here."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.core.database import in_transactions
from app.core.tables import load_tables
from app.settings import get_settings

URL = get_settings().database_url.get_secret_value()
SECONDS_TO_WAIT = 600
"""For another process that migrates the same database."""

LOCKS = {
    "postgresql": "SELECT pg_advisory_xact_lock(hashtext('migrations'))",
    "mysql": f"SELECT GET_LOCK(CONCAT('migrations ', DATABASE()), {SECONDS_TO_WAIT})",
    "mariadb": f"SELECT GET_LOCK(CONCAT('migrations ', DATABASE()), {SECONDS_TO_WAIT})",
    "sqlite": "PRAGMA defer_foreign_keys=ON",  # the transaction itself holds the file
}
"""One process migrates, the others wait and find nothing left to do."""

OPTIONS = {
    "target_metadata": load_tables(),
    "render_as_batch": URL.startswith("sqlite"),  # it cannot alter a column: the table is copied
}


async def migrate() -> None:
    is_sqlite = URL.startswith("sqlite")
    wait = {"timeout": SECONDS_TO_WAIT} if is_sqlite else {}
    engine = in_transactions(create_async_engine(URL, poolclass=NullPool, connect_args=wait))
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        # MySQL commits with every change of a table.
        transactional_ddl=connection.dialect.name in ("postgresql", "sqlite"),
        **OPTIONS,
    )
    with context.begin_transaction():
        connection.execute(text(LOCKS[connection.dialect.name]))
        context.run_migrations()


def write_sql() -> None:
    """For `--sql`: the statements, for somebody else to run."""
    context.configure(url=URL, literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    write_sql()
else:
    asyncio.run(migrate())
