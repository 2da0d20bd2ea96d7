"""Settings of the database: its URL, the pools, and the time limits."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from pydantic import Field, SecretStr, field_validator
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.core.environment import PROJECT_ROOT, EnvironmentSettings
from app.db import libpq

DIALECTS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "mysql": "mysql+aiomysql",
    "mariadb": "mariadb+aiomysql",
}
"""The scheme of a URL, and the driver for it, whichever driver the URL names."""
MYSQL_PARAMETERS = {"charset", "ssl_ca", "ssl_cert", "ssl_key", "unix_socket"}


class DatabaseSettings(EnvironmentSettings):
    """Each process has two pools, one for reads and one for writes; the limits hold for each."""

    database_url: SecretStr = SecretStr("sqlite:///app.db")
    database_pool_size: int = Field(default=15, ge=1)
    database_max_overflow: int = Field(default=0, ge=0)
    database_pool_timeout_seconds: float = Field(default=3, gt=0)
    database_pool_recycle_seconds: int = Field(default=1800, ge=1)
    database_pre_ping: bool = False
    database_connect_timeout_seconds: float = Field(default=2, gt=0)
    database_statement_timeout_seconds: float = Field(default=5, gt=0)

    @field_validator("database_url")
    @classmethod
    def _url_with_its_driver(cls, url: SecretStr) -> SecretStr:
        return SecretStr(complete(url.get_secret_value()).render_as_string(hide_password=False))

    @classmethod
    def single_process_constraints(cls, settings: Mapping[str, Any]) -> Iterator[str]:
        yield from super().single_process_constraints(settings)
        if server_of(settings) == "sqlite":
            yield "several processes need a database server, such as PostgreSQL, as DATABASE_URL"


def server_of(settings: Mapping[str, Any]) -> str:
    """The kind of the database server, such as `postgresql`; empty if the URL is not valid."""
    url = settings.get("database_url")
    return "" if url is None else make_url(url.get_secret_value()).get_backend_name()


def complete(text: str) -> URL:
    """The URL with the driver that is used; a file is relative to the project's root.

    Raises:
        ValueError: it cannot work; the message shows no part of it.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("it is not a URL such as postgresql://user:password@host/name") from None
    if (dialect := DIALECTS.get(url.drivername.partition("+")[0])) is None:
        raise ValueError("it must start with sqlite://, postgresql:// or mysql://")
    if "," in (url.host or "") or (url.port or 0) > 65535:
        raise ValueError("it must name one host, and a port up to 65535")
    name = url.database
    if not name or name == ":memory:":
        raise ValueError("it must name a database, or for SQLite a file")
    driver = dialect.partition("+")[2]
    if find_spec(driver) is None:
        raise ValueError(f"it needs the package {driver}: install it")
    url = url.set(drivername=dialect)
    if driver == "aiosqlite":
        return url.set(database=str(PROJECT_ROOT / name))
    if driver == "asyncpg":
        libpq.check_parameters(url)
    elif unknown := url.query.keys() - MYSQL_PARAMETERS:
        raise ValueError(f"the parameter {min(unknown)} is not supported")
    return url
