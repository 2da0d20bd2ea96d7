"""A database for the tests, on the server that TEST_DATABASE_URL names; by default a file.

The migrations create it once for each process of the tests. Each test commits, and finds all tables
empty. The database that TEST_DATABASE_URL names is never used.
"""

import asyncio
import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import URL, text
from sqlalchemy.pool import NullPool

from app.core.environment import PROJECT_ROOT
from app.db.base import load_models
from app.db.engine import create_engine
from app.db.settings import complete
from app.settings import get_settings

CONFIGURATION = PROJECT_ROOT / "pyproject.toml"


def alembic(command: str, *arguments: str, **options: Any) -> None:
    """Run a command of Alembic, which is imported late because it logs at import."""
    from alembic import command as commands  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    getattr(commands, command)(Config(toml_file=CONFIGURATION), *arguments, **options)


@pytest.fixture(scope="session", autouse=True)
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[URL]:
    """The URL of the database of the tests; `Settings()` finds it in the environment."""
    url = complete(os.environ.get("DATABASE_URL", "sqlite:///app.db"))
    is_server = url.get_backend_name() != "sqlite"
    if is_server:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        url = url.set(database=f"{url.database}_test_{worker}_{os.getpid()}")
        asyncio.run(run_on_server(url, "CREATE DATABASE"))
    else:
        url = url.set(database=str(tmp_path_factory.mktemp("database") / "test.db"))
    try:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
            for limit in ("CONNECT", "STATEMENT", "POOL"):  # test machines may be slow
                environment.setenv(f"DATABASE_{limit}_TIMEOUT_SECONDS", "60")
            get_settings.cache_clear()
            alembic("upgrade", "heads")
            yield url
    finally:
        if is_server:
            asyncio.run(run_on_server(url, "DROP DATABASE"))


async def run_on_server(url: URL, statement: str) -> None:
    """Run a statement about a database, connected to another one."""
    other = {"postgresql": "postgres"}.get(url.get_backend_name(), "mysql")
    engine = create_engine(url.set(database=other), {}, isolation_level="AUTOCOMMIT")
    name = engine.dialect.identifier_preparer.quote(str(url.database))
    async with engine.connect() as connection:
        await connection.execute(text(f"{statement} {name}"))
    await engine.dispose()


@pytest.fixture(autouse=True)
def empty_tables(database_url: URL) -> None:
    """Empty all tables, and restart their ids."""
    quote = database_url.get_dialect()().identifier_preparer.quote_identifier
    names = [quote(table.name) for table in load_models().sorted_tables]
    statements = emptying(database_url.get_backend_name(), names)
    if database_url.get_backend_name() == "sqlite":
        # Directly: an engine for each test would take longer than the statements.
        with closing(sqlite3.connect(str(database_url.database))) as file, file:
            file.executescript("PRAGMA synchronous = OFF;" + ";".join(statements))
    else:
        asyncio.run(run_all(database_url, statements))


async def run_all(url: URL, statements: Sequence[str]) -> None:
    engine = create_engine(url, {}, poolclass=NullPool)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)
    await engine.dispose()


def emptying(server: str, names: Sequence[str]) -> list[str]:
    """The statements that empty tables on a server, and restart their ids."""
    if not names:
        return []
    if server == "postgresql":
        return [f"TRUNCATE {', '.join(names)} RESTART IDENTITY"]
    if server == "sqlite":
        tables = (*reversed(names), "sqlite_sequence")
        return [f"DELETE FROM {table}" for table in tables]  # noqa: S608  # names of our own
    return ["SET foreign_key_checks = 0", *(f"TRUNCATE TABLE {name}" for name in names)]
