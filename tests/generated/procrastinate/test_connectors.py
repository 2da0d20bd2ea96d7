"""The connection of workers to PostgreSQL: directly, or through PgBouncer."""

import pytest

from app.queue.connectors import can_listen, connect
from app.settings import Settings

DIRECT = "postgresql://ann:a%2Fb@host/shop?sslmode=require"
POOLED = f"{DIRECT}&pgbouncer=true"


@pytest.mark.parametrize(
    ("database", "queue", "is_direct"),
    [(DIRECT, None, True), (POOLED, None, False), (POOLED, DIRECT, True)],
)
def test_behind_pgbouncer_workers_poll(
    monkeypatch: pytest.MonkeyPatch, database: str, queue: str | None, is_direct: bool
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("QUEUE_DATABASE_URL", queue or "")

    settings = Settings()

    assert can_listen(settings) is is_direct
    arguments = connect(settings)._pool_args
    assert arguments["conninfo"] == DIRECT
    # PgBouncer refuses options, and gives a statement to another connection.
    assert ("options" in arguments["kwargs"]) is is_direct
    assert ("prepare_threshold" in arguments["kwargs"]) is not is_direct


def test_several_processes_need_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///app.db")

    reasons = [*Settings.single_process_constraints(dict(Settings()))]

    assert "tasks need PostgreSQL as DATABASE_URL" in reasons
