"""The connectors of procrastinate: to PostgreSQL, and to the memory of a process."""

from typing import Any, Literal

from procrastinate import PsycopgConnector
from procrastinate.testing import InMemoryConnector
from sqlalchemy import URL, make_url

from app.db.libpq import is_pooled
from app.settings import Settings


def can_listen(settings: Settings) -> bool:
    """Not through PgBouncer, which gives connections to single transactions."""
    return not is_pooled(_url(settings))


def connect(settings: Settings) -> PsycopgConnector:
    """The connector for these settings; it connects when it is used."""
    url = _url(settings)
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
    return PsycopgConnector(
        conninfo=url.set(drivername="postgresql", query=parameters).render_as_string(
            hide_password=False
        ),
        min_size=0,
        max_size=max(4, settings.queue_concurrency // 2),
        timeout=settings.database_pool_timeout_seconds,
        kwargs=options,
    )


def _url(settings: Settings) -> URL:
    return make_url((settings.queue_database_url or settings.database_url).get_secret_value())


class MemoryConnector(InMemoryConnector):
    """That of procrastinate for tests, without its log; used where there is no PostgreSQL."""

    async def generic_execute(
        self,
        query: str,
        suffix: Literal["run", "one", "all"],
        **arguments: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        self.queries.clear()
        return await super().generic_execute(query, suffix, **arguments)

    async def finish_job_run(self, job_id: int, status: str, delete_job: bool) -> None:
        await super().finish_job_run(job_id, status, delete_job)
        if delete_job:
            self.events.pop(job_id, None)
