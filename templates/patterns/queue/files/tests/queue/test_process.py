"""The process of a worker: when it starts, and how it stops."""

import asyncio
import os
import signal

import pytest

from app.core.environment import SettingsError
from app.core.queue.queue import Queue, open_queue
from app.core.queue.record import Status
from app.core.queue.shared import RedisStore
from app.core.queue.task import load_tasks
from app.redis.client import RedisClient, open_redis
from app.settings import Settings, get_settings
from app.workers.__main__ import check_queues, check_shared, main, run
from tests.queue.stores import queue_settings
from tests.queue.tasks.examples import Greeting
from tests.waiting import PATIENCE, until


@pytest.fixture
def with_redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("REDIS_URL", redis_url)
    return Settings()


def test_it_needs_what_it_shares_with_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    get_settings.cache_clear()

    with pytest.raises(SettingsError, match="REDIS_URL"):
        main([])
    get_settings.cache_clear()


@pytest.fixture
def nothing_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = classmethod(lambda _cls, _settings: iter(["more than 1 needs a DATABASE_URL"]))
    monkeypatch.setattr(Settings, "single_process_constraints", reasons)


@pytest.mark.usefixtures("nothing_shared")
class TestRowsOfOneProcess:
    def test_in_a_file_it_must_not_share_them(self, with_redis: Settings) -> None:
        with pytest.raises(SettingsError, match="DATABASE_URL"):
            check_shared(with_redis)

    async def test_the_service_runs_tasks_itself(self, with_redis: Settings) -> None:
        async with open_redis(with_redis) as redis, open_queue(with_redis, redis) as queue:
            assert queue.in_process


def test_it_empties_queues_that_there_are(settings: Settings) -> None:
    check_queues(settings, ["high", "low"])
    with pytest.raises(SettingsError, match="QUEUE_NAMES does not list hihg"):
        check_queues(settings, ["hihg"])


@pytest.mark.usefixtures("tasks_of_tests")
async def test_it_works_until_it_is_told_to_stop(
    with_redis: Settings, redis: RedisClient, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = Queue(RedisStore(redis, queue_settings()), load_tasks(), in_process=False)
    accepted = await queue.enqueue("greet", Greeting(name="Ann"))
    process = asyncio.create_task(run(with_redis, ["worker", "scheduler"], []))

    async def is_done() -> bool:
        return (await queue.get(accepted.task_id)).status is Status.SUCCEEDED

    await until(is_done)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(process, PATIENCE)
    assert capsys.readouterr().err == ""
