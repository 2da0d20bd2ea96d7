"""The connections of procrastinate to PostgreSQL."""

from typing import Any, NamedTuple

from procrastinate import PsycopgConnector
from sqlalchemy import make_url

from app.db.libpq import is_pooled
from app.settings import Settings


class Connection(NamedTuple):
    """Connections of workers."""

    connector: PsycopgConnector
    can_listen: bool
    """Not through PgBouncer, which gives connections to single transactions."""


def connect(settings: Settings) -> Connection:
    """The connector for these settings; it connects when it is used."""
    url = make_url((settings.queue_database_url or settings.database_url).get_secret_value())
    parameters = {name: value for name, value in url.query.items() if name != "pgbouncer"}
    statement = settings.database_statement_timeout_seconds
    options: dict[str, Any] = {
        "connect_timeout": max(2, round(settings.database_connect_timeout_seconds)),
        # A server that vanished is noticed after that time.
        "tcp_user_timeout": round(2000 * statement),
    }
    if is_pooled(url):
        options["prepare_threshold"] = None
    elif "options" not in parameters:
        options["options"] = f"-c statement_timeout={round(1000 * statement)}"
    connector = PsycopgConnector(
        conninfo=url.set(drivername="postgresql", query=parameters).render_as_string(
            hide_password=False
        ),
        min_size=0,
        max_size=max(4, settings.queue_concurrency // 2),
        timeout=settings.database_pool_timeout_seconds,
        kwargs=options,
    )
    return Connection(connector, can_listen=not is_pooled(url))
