"""Tasks that wait, run or are dead, counted by their records: for any engine and all workers."""

from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import FastAPI
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import func, select

from app.core.errors import Unavailable
from app.lifespan import State
from app.metrics.setup import metrics_of
from app.queue.models import Status, TaskRecord

SHOWN = (Status.QUEUED, Status.RUNNING, Status.DEAD)
"""Finished tasks are not counted: there may be millions, and retention deletes them."""


def measure_tasks(app: FastAPI) -> None:
    metrics_of(app).shared_sources.append(read_tasks)


async def read_tasks(state: State) -> Sequence[Metric]:
    """Tasks by status, and the age of the oldest one that waits; nothing without a database."""
    found = (
        select(TaskRecord.status, func.count(), func.min(TaskRecord.created_at))
        .where(TaskRecord.status.in_(SHOWN))
        .group_by(TaskRecord.status)
    )
    try:
        rows = (await state["database"].read_session().execute(found)).all()
    except Unavailable:
        return ()
    counts = {status: count for status, count, _ in rows}
    oldest = {status: moment for status, _, moment in rows}
    tasks = GaugeMetricFamily("tasks", "Tasks that are not finished.", labels=["status"])
    for status in SHOWN:
        tasks.add_metric([status], counts.get(status, 0))
    now = datetime.now(UTC)
    age = (now - oldest.get(Status.QUEUED, now)).total_seconds()
    return tasks, GaugeMetricFamily("tasks_oldest_queued_seconds", "Its age.", value=age)
