"""Which database there is, and how long anything may wait for it."""

from importlib.util import find_spec

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.core.environment import PROJECT_ROOT, EnvironmentSettings

DIALECTS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "mysql": "mysql+aiomysql",
    "mariadb": "mariadb+aiomysql",
}
"""How a URL may start, and the driver that is used then, whichever it names."""


class DatabaseSettings(EnvironmentSettings):
    """Each process has two pools, for reads and for writes, with these limits each."""

    database_url: SecretStr = SecretStr("sqlite:///app.db")
    database_pool_size: int = Field(default=5, ge=1)
    database_max_overflow: int = Field(default=10, ge=0)
    database_pool_timeout_seconds: float = Field(default=3, gt=0)
    database_pool_recycle_seconds: int = Field(default=1800, ge=1)
    database_pre_ping: bool = False
    database_connect_timeout_seconds: float = Field(default=2, gt=0)
    database_statement_timeout_seconds: float = Field(default=5, gt=0)

    @field_validator("database_url")
    @classmethod
    def _url_with_its_driver(cls, url: SecretStr) -> SecretStr:
        return SecretStr(complete(url.get_secret_value()).render_as_string(hide_password=False))

    @field_validator("workers", check_fields=False)
    @classmethod
    def _one_process_for_a_file(cls, workers: int, info: ValidationInfo) -> int:
        url = info.data.get("database_url")
        if workers > 1 and url is not None and url.get_secret_value().startswith("sqlite"):
            raise ValueError("more than 1 needs a server as the DATABASE_URL, such as PostgreSQL")
        return workers


def complete(text: str) -> URL:
    """The URL with the driver that is used here; a file is relative to the project's root.

    Raises:
        ValueError: it cannot work; the message shows nothing of it.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("it is not a URL such as postgresql://user:password@host/name") from None
    if (dialect := DIALECTS.get(url.drivername.partition("+")[0])) is None:
        raise ValueError("it must start with sqlite://, postgresql:// or mysql://")
    name = url.database
    if not name or name == ":memory:":
        raise ValueError("it must name a database, or for SQLite a file")
    driver = dialect.partition("+")[2]
    if find_spec(driver) is None:
        raise ValueError(f"it needs the package {driver}: install it")
    url = url.set(drivername=dialect)
    if driver == "aiosqlite":
        return url.set(database=str(PROJECT_ROOT / name))
    if driver == "asyncpg" and "sslmode" in url.query:  # what libpq and most hosters call it
        mode = url.query["sslmode"]
        return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return url
