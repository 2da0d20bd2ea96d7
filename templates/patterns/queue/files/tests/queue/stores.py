"""Both stores, for tests of what they have in common."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.queue.memory import MemoryStore
from app.core.queue.record import TaskRecord
from app.core.queue.settings import QueueSettings
from app.core.queue.shared import RedisStore
from app.core.queue.store import Store
from app.redis.client import RedisClient

QUEUES = ("high", "default", "low")


def queue_settings(**changes: Any) -> QueueSettings:
    return QueueSettings.model_validate({"queue_lease_seconds": 3600, **changes})


def new_task(task_id: str = "1", **changes: Any) -> TaskRecord:
    values: dict[str, Any] = {
        "task_id": task_id,
        "name": "greet",
        "queue": "default",
        "args": {"name": "Ann"},
        "owner_id": None,
        "created_at": datetime(2030, 1, 1, tzinfo=UTC),
    }
    return TaskRecord(**values | changes)


@pytest.fixture(params=["memory", "redis"])
def task_store(request: pytest.FixtureRequest) -> Store:
    """An empty store that refuses the fourth task in a queue."""
    settings = queue_settings(queue_max_length=3)
    if request.param == "memory":
        return MemoryStore(settings)
    return RedisStore(request.getfixturevalue("redis"), settings)


@pytest.fixture
def lapsing_store(redis: RedisClient) -> RedisStore:
    """A store whose leases are over at once."""
    return RedisStore(redis, queue_settings(queue_lease_seconds=0.001))
