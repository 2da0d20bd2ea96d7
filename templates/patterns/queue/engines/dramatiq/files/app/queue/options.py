"""The options of tasks: those of dramatiq, with times in milliseconds, and `periodic`."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dramatiq
from cronsim import CronSim, CronSimError
from dramatiq import middleware
from dramatiq.brokers.stub import StubBroker
from dramatiq.common import compute_backoff

AnyActor = dramatiq.Actor[..., Any]

DEFAULTS: Mapping[str, Any] = {
    "max_retries": 20,
    "min_backoff": 15_000,
    "max_backoff": 7 * 86_400_000,
    "retry_when": None,
    "throws": (),
    "time_limit": 600_000,
    "periodic": None,
}
"""As in dramatiq, which has no `periodic`: a cron expression, in UTC."""


class Options(middleware.Middleware):
    """Makes the options known to the decorator."""

    @property
    def actor_options(self) -> set[str]:
        return {*DEFAULTS}


def option(actor: AnyActor, name: str) -> Any:  # noqa: ANN401
    return actor.options.get(name, DEFAULTS[name])


def retry_at(actor: AnyActor, retries: int, error: Exception) -> datetime | None:
    """The time of the next attempt by the rules of dramatiq; None if there is none."""
    if isinstance(error, option(actor, "throws")):
        return None
    retry_when, most = option(actor, "retry_when"), option(actor, "max_retries")
    if retry_when is not None:
        is_over = not retry_when(retries, error)
    else:
        is_over = most is not None and retries >= most
    if is_over:
        return None
    if isinstance(error, dramatiq.Retry) and error.delay is not None:
        pause = error.delay
    else:
        shortest, longest = option(actor, "min_backoff"), option(actor, "max_backoff")
        _, pause = compute_backoff(retries, factor=shortest, max_backoff=longest)
    return datetime.now(UTC) + timedelta(milliseconds=pause)


def check_schedule(actor: AnyActor) -> None:
    """Check the schedule of a task, if it has one.

    Raises:
        ValueError: `periodic` is not a cron expression.
    """
    if (expression := option(actor, "periodic")) is not None:
        try:
            CronSim(expression, datetime.now(UTC))
        except CronSimError as error:
            raise ValueError(f"`periodic` of the task `{actor.actor_name}`: {error}") from None


def next_tick(actor: AnyActor, after: datetime) -> datetime:
    return next(CronSim(option(actor, "periodic"), after))


declarations = StubBroker(middleware=[Options()])
"""Keeps the tasks of the project until the settings are known."""
