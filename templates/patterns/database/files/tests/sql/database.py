"""A database for the tests alone, on the server in TEST_DATABASE_URL; by default a file.

It is made by the migrations, once for each process of the tests, and every test finds it empty.
The database in TEST_DATABASE_URL itself is never touched.
Tests commit for real, since what happens at a commit is what they are about.
"""

import asyncio
import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.core.environment import PROJECT_ROOT
from app.core.sql.settings import complete
from app.core.sql.tables import load_tables
from app.settings import get_settings

CONFIGURATION = PROJECT_ROOT / "pyproject.toml"


def alembic(command: str, *arguments: str, **options: Any) -> None:
    """Run a command of Alembic; it is imported late, since it logs that it is."""
    from alembic import command as commands  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    getattr(commands, command)(Config(toml_file=CONFIGURATION), *arguments, **options)


@pytest.fixture(scope="session", autouse=True)
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[URL]:
    """Where the tests keep their rows; `Settings()` finds it in the environment."""
    url = complete(os.environ.get("DATABASE_URL", "sqlite:///app.db"))
    is_server = url.get_backend_name() != "sqlite"
    if is_server:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        url = url.set(database=f"{url.database}_test_{worker}_{os.getpid()}")
        asyncio.run(on_server(url, "CREATE DATABASE"))
    else:
        url = url.set(database=str(tmp_path_factory.mktemp("database") / "test.db"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        for limit in ("CONNECT", "STATEMENT", "POOL"):  # a machine that tests may be slow
            environment.setenv(f"DATABASE_{limit}_TIMEOUT_SECONDS", "60")
        get_settings.cache_clear()
        alembic("upgrade", "head")
        yield url
    if is_server:
        asyncio.run(on_server(url, "DROP DATABASE"))


async def on_server(url: URL, statement: str) -> None:
    """Run a statement about a database from beside it."""
    beside = {"postgresql": "postgres"}.get(url.get_backend_name(), "mysql")
    engine = create_async_engine(url.set(database=beside), isolation_level="AUTOCOMMIT")
    name = engine.dialect.identifier_preparer.quote(str(url.database))
    async with engine.connect() as connection:
        await connection.execute(text(f"{statement} {name}"))
    await engine.dispose()


@pytest.fixture(autouse=True)
async def empty_tables(database_url: URL) -> None:
    """Every test finds no rows, and counts from 1."""
    names = [table.name for table in load_tables().sorted_tables]
    statements = emptying(database_url.get_backend_name(), names)
    if database_url.get_backend_name() == "sqlite":
        # For what is done so often, an engine would take most of the time.
        with closing(sqlite3.connect(str(database_url.database))) as file, file:
            file.executescript("PRAGMA synchronous = OFF;" + ";".join(statements))
        return
    engine = create_async_engine(database_url, poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)
    await engine.dispose()


def emptying(server: str, names: Sequence[str]) -> list[str]:
    """The statements that empty tables on a server, and start their ids again."""
    if not names:
        return []
    if server == "postgresql":
        return [f"TRUNCATE {', '.join(names)} RESTART IDENTITY"]
    if server == "sqlite":
        tables = (*reversed(names), "sqlite_sequence")
        return [f"DELETE FROM {table}" for table in tables]  # noqa: S608  # names of our own
    return ["SET foreign_key_checks = 0", *(f"TRUNCATE TABLE {name}" for name in names)]
