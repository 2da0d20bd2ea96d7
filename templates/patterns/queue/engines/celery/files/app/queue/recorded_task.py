"""The class of the project's tasks: Celery's, for functions that may be async."""

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NoReturn, Protocol

import celery
from celery.exceptions import Retry

from app.queue.models import Status

RECORD = "record"
"""The header of a message that refers to the record of its task."""

current_request: ContextVar[Any] = ContextVar("current_request", default=None)
"""Celery has the request by thread, and a task runs in another one."""


class Process(Protocol):
    """A process that runs tasks."""

    def run_task(
        self, task: "RecordedTask", args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> object: ...


class RecordedTask(celery.Task[..., Any]):
    """The class of all tasks. Celery's options of tasks apply, except that the outbox retries."""

    process: ClassVar[Process | None] = None
    """This process, if it runs tasks."""
    function: Callable[..., Any]
    """The function of the project."""
    is_bound: bool
    """Whether its first parameter is the task: `bind=True`."""
    typing = False
    """The worker checks the arguments, and records an error of them."""
    abstract = True

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401
        super().__init_subclass__(**options)
        run = cls.__dict__.get("run")
        if run is None:
            return
        cls.is_bound = not isinstance(run, staticmethod)
        cls.function = staticmethod(run if cls.is_bound else run.__func__)
        # Celery wraps it by the options of retries. Given an error, it raises it, or `Retry`.
        setattr(cls, "run", staticmethod(_fail))  # noqa: B010

    @property
    def request(self) -> Any:  # noqa: ANN401
        """The message that is run, also in the code of a task."""
        found = current_request.get()
        return found if found is not None and found.task == self.name else super().request

    def __call__(self, *args: Any, **kwargs: Any) -> object:  # noqa: ANN401
        if self.process is None:
            raise RuntimeError("this process runs no tasks: use `Queue.enqueue`")
        token = current_request.set(super().request)
        try:
            return self.process.run_task(self, args, kwargs)
        finally:
            current_request.reset(token)

    def retry(self, *args: Any, **options: Any) -> NoReturn:  # noqa: ANN401
        """As Celery's, but nothing is published: a broker that is down loses no retry."""
        error = options.get("exc")
        if error is not None and Status.after(error) is Status.FAILED:
            raise error
        is_recorded = reference_of(self.request) is not None
        if is_recorded:
            self.request.is_eager = True
        retry = super().retry(*args, **{**options, "throw": False})
        if is_recorded:
            retry.sig = None  # type: ignore[attr-defined]  # otherwise `apply` runs it now
        raise retry

    def retry_at(self, error: Exception) -> datetime | None:
        """The time of the next attempt by Celery's options; None if there is none."""
        with suppress(Exception):  # the error, or that there were too many retries
            try:
                self.run(error)
            except Retry as retry:
                when: Any = retry.when or 0
                is_time = isinstance(when, datetime)
                return when if is_time else datetime.now(UTC) + timedelta(seconds=when)
        return None


def reference_of(request: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """The reference to the record in the header; the request has it in two forms."""
    found: dict[str, Any] | None = request.get(RECORD) or (request.headers or {}).get(RECORD)
    return found


def _fail(error: Exception) -> NoReturn:
    raise error
