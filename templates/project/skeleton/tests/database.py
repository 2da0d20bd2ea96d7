"""A database for the tests alone, beside the one that DATABASE_URL names; by default a file.

It is made by the migrations, once for each process of the tests, and every test finds it empty.
Tests commit for real, since what happens at a commit is what they are about.
"""

import asyncio
import os
from collections.abc import Generator, Sequence

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.core.database_settings import complete
from app.core.environment import PROJECT_ROOT
from app.core.tables import load_tables
from app.settings import get_settings

ALEMBIC = Config(toml_file=PROJECT_ROOT / "pyproject.toml")
"""For the functions of `alembic.command`."""


@pytest.fixture(scope="session", autouse=True)
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[URL]:
    """Where the tests keep their rows; `Settings()` finds it in the environment."""
    file = tmp_path_factory.mktemp("database") / "test.db"
    url = complete(os.environ.get("DATABASE_URL") or f"sqlite:///{file}")
    is_server = url.get_backend_name() != "sqlite"
    if is_server:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        url = url.set(database=f"{url.database}_test_{worker}_{os.getpid()}")
        asyncio.run(on_server(url, "CREATE DATABASE"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        get_settings.cache_clear()
        command.upgrade(ALEMBIC, "head")
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
    engine = create_async_engine(database_url, poolclass=NullPool)
    names = [table.name for table in load_tables().sorted_tables]
    async with engine.begin() as connection:
        for statement in emptying(database_url.get_backend_name(), names):
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
