"""The options of dramatiq have their meaning, and schedules are checked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker

from app.queue.broker import connect, with_timeouts
from app.queue.options import AnyActor, check_schedule, declarations, next_tick, retry_at
from app.settings import Settings

ERROR = RuntimeError("broken")
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def task(**options: Any) -> AnyActor:
    """A task that no application gets."""

    @dramatiq.actor(broker=declarations, actor_name="trial", **options)
    def trial() -> None:
        """Do nothing."""

    del declarations.actors["trial"]
    return trial


@pytest.mark.parametrize(
    ("options", "retries", "error"),
    [
        ({}, 20, ERROR),
        ({"max_retries": 0}, 0, ERROR),
        ({"throws": (RuntimeError,)}, 0, ERROR),
        ({"retry_when": lambda _retries, error: isinstance(error, ValueError)}, 0, ERROR),
    ],
)
def test_it_is_not_retried(options: dict[str, Any], retries: int, error: Exception) -> None:
    assert retry_at(task(**options), retries, error) is None


@pytest.mark.parametrize(
    ("options", "retries", "error", "shortest", "longest"),
    [
        ({}, 0, ERROR, 15, 30),
        ({"max_retries": None, "min_backoff": 1000}, 3, ERROR, 8, 16),
        ({"max_retries": 99, "max_backoff": 60_000}, 40, ERROR, 30, 60),
        ({"retry_when": lambda retries, _: retries < 9, "max_retries": 0}, 1, ERROR, 30, 60),
        ({}, 0, dramatiq.Retry("later", delay=5000), 5, 5),
    ],
)
def test_it_is_retried_after(
    options: dict[str, Any], retries: int, error: Exception, shortest: float, longest: float
) -> None:
    found = retry_at(task(**options), retries, error)

    assert found is not None
    pause = found - datetime.now(UTC)
    assert timedelta(seconds=shortest - 5) < pause <= timedelta(seconds=longest)


def test_a_schedule_is_checked_at_start() -> None:
    with pytest.raises(ValueError, match="`periodic` of the task `trial`"):
        check_schedule(task(periodic="61 * * * *"))


@pytest.mark.parametrize(
    ("expression", "pause"),
    [("*/5 * * * *", timedelta(minutes=5)), ("30 * * * * *", timedelta(seconds=30))],
)
def test_the_next_tick(expression: str, pause: timedelta) -> None:
    assert next_tick(task(periodic=expression), NOON) == NOON + pause


def test_connections_to_rabbitmq_have_timeouts() -> None:
    found = with_timeouts("amqps://ann:a%2Fb@host:5671/shop?heartbeat=60", 2)

    assert found.startswith("amqps://ann:a%2Fb@host:5671/shop?heartbeat=60&")
    assert "socket_timeout=2&stack_timeout=2&blocked_connection_timeout=2" in found


def test_the_url_decides_on_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUEUE_LEASE_SECONDS", "7")
    monkeypatch.setenv("TASK_BROKER_URL", "redis://host:6379/1")
    redis = connect(Settings())
    monkeypatch.setenv("TASK_BROKER_URL", "amqp://host/")
    rabbitmq = connect(Settings())

    assert isinstance(redis, RedisBroker)
    assert redis.heartbeat_timeout == 7000
    assert isinstance(rabbitmq, RabbitmqBroker)
    assert rabbitmq.confirm_delivery
