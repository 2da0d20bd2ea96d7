"""The URLs of databases, their drivers and their parameters."""

from urllib.parse import quote_plus

import pytest
from sqlalchemy import make_url

from app.core.environment import PROJECT_ROOT
from app.db import settings as db_settings
from app.db.libpq import connect_arguments
from app.db.settings import complete
from app.settings import Settings

SECRET = "hunter2"
FILE = str(PROJECT_ROOT / "pyproject.toml")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@host/shop", "postgresql+asyncpg://u:p@host/shop"),
        ("postgresql://u:p@host:1/shop", "postgresql+asyncpg://u:p@host:1/shop"),
        ("postgresql+psycopg2://u@host/shop", "postgresql+asyncpg://u@host/shop"),
        ("sqlite:////tmp/shop.db", "sqlite+aiosqlite:////tmp/shop.db"),
        ("mysql://u:p@host/shop", "mysql+aiomysql://u:p@host/shop"),
        ("mariadb://host/shop", "mariadb+aiomysql://host/shop"),
    ],
)
def test_the_driver_is_named(monkeypatch: pytest.MonkeyPatch, given: str, used: str) -> None:
    monkeypatch.setattr(db_settings, "find_spec", lambda name: name)

    assert complete(given).render_as_string(hide_password=False) == used


@pytest.mark.parametrize(
    ("query", "arguments"),
    [
        ("", {}),
        ("sslmode=require", {"dsn": "postgresql://?sslmode=require"}),
        ("sslmode=prefer&channel_binding=prefer", {"dsn": "postgresql://?sslmode=prefer"}),
        (
            f"sslmode=verify-full&sslrootcert={FILE}",
            {"dsn": f"postgresql://?sslmode=verify-full&sslrootcert={quote_plus(FILE)}"},
        ),
        ("application_name=shop", {"server_settings": {"application_name": "shop"}}),
        ("options=-c%20search_path%3Dx", {"server_settings": {"search_path": "x"}}),
        (
            "options=-cgeqo=off%20--search_path=a,%5C%20b",
            {"server_settings": {"geqo": "off", "search_path": "a, b"}},
        ),
        ("connect_timeout=3", {"timeout": 3.0}),
    ],
)
def test_parameters_of_libpq(query: str, arguments: dict[str, object]) -> None:
    url = complete(f"postgresql://host/shop?{query}")

    assert connect_arguments(url) == {"server_settings": {}, **arguments}


def test_behind_pgbouncer_no_statement_is_kept() -> None:
    arguments = connect_arguments(complete("postgresql://host/shop?pgbouncer=true"))

    assert arguments["statement_cache_size"] == arguments["prepared_statement_cache_size"] == 0
    names = {arguments["prepared_statement_name_func"]() for _ in range(3)}
    assert len(names) == 3


def test_a_file_is_one_of_the_project() -> None:
    assert complete("sqlite:///shop.db").database == str(PROJECT_ROOT / "shop.db")


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "oracle://u:hunter2@host/shop",
        "postgresql://u:hunter2@host",
        "postgresql://u:hunter2@host:port/shop",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://u:hunter2@host/shop",
        "postgresql://u:hunter2@host,other/shop",
        "postgresql://u:hunter2@host:99999/shop",
        "postgresql://u:hunter2@host/shop?nonsense=1",
        "postgresql://u:hunter2@host/shop?channel_binding=require",
        "postgresql://u:hunter2@host/shop?connect_timeout=soon",
        "postgresql://u:hunter2@host/shop?connect_timeout=0",
        "postgresql://u:hunter2@host/shop?sslmode=hunter2",
        "postgresql://u:hunter2@host/shop?sslmode=prefer&sslmode=require",
        "postgresql://u:hunter2@host/shop?sslmode=verify-full",
        "postgresql://u:hunter2@host/shop?sslrootcert=/hunter2.pem",
        "postgresql://u:hunter2@host/shop?target_session_attrs=read-write",
        "postgresql://u:hunter2@host/shop?options=hunter2",
        "postgresql://u:hunter2@host/shop?pgbouncer=maybe",
        "postgresql://u:hunter2@host/shop?pgbouncer=true&options=x",
    ],
)
def test_a_bad_url_is_reported_and_not_shown(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(db_settings, "find_spec", lambda name: name != "aiomysql" or None)
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(SystemExit) as failure:
        Settings.load()

    assert "  DATABASE_URL: " in str(failure.value)
    assert SECRET not in str(failure.value)


def test_parameters_of_mysql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_settings, "find_spec", lambda name: name)

    assert complete("mysql://u:p@host/shop?charset=utf8mb4").query == {"charset": "utf8mb4"}
    with pytest.raises(ValueError, match="the parameter nonsense is not supported"):
        complete("mysql://u:p@host/shop?nonsense=1")


def test_the_default_is_a_file_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")

    url = make_url(Settings().database_url.get_secret_value())

    assert (url.drivername, url.database) == ("sqlite+aiosqlite", str(PROJECT_ROOT / "app.db"))


def test_a_file_has_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///app.db")
    monkeypatch.setenv("WORKERS", "2")

    with pytest.raises(SystemExit, match=r"  WORKERS: .*DATABASE_URL"):
        Settings.load()


def test_a_server_has_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@host/shop")
    monkeypatch.setenv("REDIS_URL", "redis://host")  # if the service needs it too
    monkeypatch.setenv("WORKERS", "2")

    settings = Settings.load()

    assert settings.workers == 2
    assert SECRET not in repr(settings)
