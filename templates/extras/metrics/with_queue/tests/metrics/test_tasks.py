from datetime import UTC, datetime, timedelta

import pytest
from httpx2 import AsyncClient

from app.core.errors import Unavailable
from app.db.database import Database
from app.db.session import ReadSession
from app.queue.models import Status, TaskRecord
from app.settings import Settings
from tests.metrics.scrape import scrape


async def test_tasks_are_counted_by_their_records(client: AsyncClient, database: Database) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=1)
    statuses = [Status.DEAD, Status.DEAD, Status.SUCCEEDED]
    async with database.session() as session:
        for number, status in enumerate(statuses):
            session.add(TaskRecord(task_id=str(number), name="clean", args={}, status=status))
        # Neither an engine nor the outbox runs it.
        later = datetime.now(UTC) + timedelta(days=1)
        waiting = TaskRecord(task_id="w", name="clean", args={}, due_at=later, created_at=long_ago)
        session.add(waiting)

    found = await scrape(client)

    assert found["tasks", "dead"] == 2
    assert found["tasks", "queued"] == 1
    assert found["tasks", "running"] == 0
    assert found[("tasks_oldest_queued_seconds",)] >= 86_400
    assert ("tasks", "succeeded") not in found


async def test_an_outage_of_the_database_leaves_them_out(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise Unavailable("The database is unavailable.")

    monkeypatch.setattr(ReadSession, "execute", fail)
    found = await scrape(client)

    assert ("tasks", "dead") not in found
    assert ("process_start_time_seconds",) in found


def test_a_worker_serves_no_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    settings = Settings(metrics_enabled=True)

    reasons = " ".join(settings.single_process_constraints(dict(settings)))

    assert "PROMETHEUS_MULTIPROC_DIR" not in reasons
