"""The process of a worker: when it starts, and how it stops."""

import asyncio
import os
import signal

import pytest

from app.core.environment import SettingsError
from app.core.queue.queue import Queue
from app.core.queue.record import Status
from app.core.queue.shared import RedisStore
from app.core.queue.task import load_tasks
from app.core.redis.connection import SharedRedis
from app.settings import Settings, get_settings
from app.workers.__main__ import check, main, run
from tests.queue.stores import queue_settings
from tests.queue.tasks.examples import Greeting
from tests.queue.waiting import until


@pytest.fixture
def with_redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("REDIS_TIMEOUT_SECONDS", "20")
    return Settings()


def test_it_needs_what_it_shares_with_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    get_settings.cache_clear()

    with pytest.raises(SettingsError, match="REDIS_URL"):
        main([])
    get_settings.cache_clear()


def test_it_empties_queues_that_there_are(with_redis: Settings) -> None:
    check(with_redis, ["high", "low"])
    with pytest.raises(SettingsError, match="QUEUE_NAMES does not list hihg"):
        check(with_redis, ["hihg"])


@pytest.mark.usefixtures("tasks_of_tests")
async def test_it_works_until_it_is_told_to_stop(
    with_redis: Settings, redis: SharedRedis, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = Queue(RedisStore(redis, queue_settings()), load_tasks(), in_process=False)
    accepted = await queue.enqueue("greet", Greeting(name="Ann"))
    process = asyncio.create_task(run(with_redis, ["worker", "scheduler"], []))

    async def is_done() -> bool:
        return (await queue.get(accepted.task_id)).status is Status.SUCCEEDED

    await until(is_done)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(process, 60)
    assert capsys.readouterr().err == ""
