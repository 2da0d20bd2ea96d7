"""The class of the project's tasks: Celery's, for functions that may be async."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, NoReturn, Protocol

import celery
from celery.exceptions import Ignore, MaxRetriesExceededError, Retry, TimeLimitExceeded

from app.queue.models import Status

RECORD = "record"
"""The header of a message that refers to the record of its task."""

current_request: ContextVar[Any] = ContextVar("current_request", default=None)
"""Celery has the request by thread, and a coroutine runs in another one."""


class PutBack(Ignore):
    """The worker stops: another one runs the task again."""


class RecordedTask(celery.Task[..., Any]):
    """The class of all tasks. Celery's options of tasks apply, except that the outbox retries."""

    function: Callable[..., Any]
    """The function of the project."""
    is_bound: bool
    """Whether its first parameter is the task: `bind=True`."""
    abstract = True

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401
        super().__init_subclass__(**options)
        run = cls.__dict__.get("run")
        if run is None:
            return
        cls.is_bound = not isinstance(run, staticmethod)
        cls.function = staticmethod(run if cls.is_bound else run.__func__)
        if iscoroutinefunction(cls.function):
            blocking = _blocking(cls.function, cls.soft_time_limit or cls.time_limit)
            setattr(cls, "run", blocking if cls.is_bound else staticmethod(blocking))  # noqa: B010

    @property
    def request(self) -> Any:  # noqa: ANN401
        """The message that is run, also in the coroutine of a task."""
        found = current_request.get()
        return found if found is not None and found.task == self.name else super().request

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        token = current_request.set(super().request)
        try:
            return process().run_task(self, args, kwargs)
        finally:
            current_request.reset(token)

    def retry(
        self,
        args: Any = None,  # noqa: ANN401
        kwargs: Any = None,  # noqa: ANN401
        exc: Exception | None = None,
        throw: bool = True,
        eta: datetime | None = None,
        countdown: float | None = None,
        max_retries: int | None = None,
        **options: Any,  # noqa: ANN401
    ) -> NoReturn:
        """As Celery's, but nothing is published: a broker that is down loses no retry."""
        if reference_of(self.request) is None:
            super().retry(args, kwargs, exc, throw, eta, countdown, max_retries, **options)
        limit = self.max_retries if max_retries is None else max_retries
        if exc is not None and Status.after(exc) is Status.FAILED:
            raise exc
        if limit is not None and self.request.retries >= limit:
            raise exc or MaxRetriesExceededError(f"{self.name} was retried {limit} times.")
        seconds = self.default_retry_delay if countdown is None else countdown
        raise Retry(exc=exc, when=eta or datetime.now(UTC) + timedelta(seconds=seconds))


class Process(Protocol):
    """A process that runs tasks."""

    def run_task(
        self, task: RecordedTask, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any: ...  # noqa: ANN401

    def wait_for_task(self, coroutine: Coroutine[Any, Any, Any]) -> Any: ...  # noqa: ANN401


_process: Process | None = None


def set_process(process: Process) -> None:
    """Let this process run tasks."""
    global _process  # noqa: PLW0603  # threads of Celery's pool have no context
    _process = process


def process() -> Process:
    """The process that runs tasks.

    Raises:
        RuntimeError: this one does not; use `Queue.enqueue`.
    """
    if _process is None:
        raise RuntimeError("this process runs no tasks")
    return _process


def reference_of(request: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """The reference to the record in the header; the request has it in two forms."""
    found: dict[str, Any] | None = request.get(RECORD) or (request.headers or {}).get(RECORD)
    return found


def _blocking(function: Callable[..., Any], limit: float | None) -> Callable[..., Any]:
    """A function that runs an async one in the loop of the process."""

    async def limited(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        try:
            async with asyncio.timeout(limit) as timeout:
                return await function(*args, **kwargs)
        except TimeoutError:
            if timeout.expired():
                raise TimeLimitExceeded(limit) from None
            raise

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        return process().wait_for_task(limited(*args, **kwargs))

    return run
