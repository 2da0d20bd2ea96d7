"""Sends errors to Sentry when they are logged.

The SDK's own integrations are off: they add the request, with addresses, headers and bodies.
"""

import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

from anyio.to_thread import run_sync
from sentry_sdk import Client
from sentry_sdk.types import Event
from sentry_sdk.utils import event_from_exception

from app import __version__
from app.settings import Settings

TIMEOUT_SECONDS = 2
IN_THE_LOG = "(see the log)"

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None]


@asynccontextmanager
async def report_errors(settings: Settings) -> AsyncGenerator["SentryHandler | None"]:
    """Report the errors of this process. At the end, reports that wait are sent."""
    if not (dsn := settings.sentry_dsn.get_secret_value()):
        yield None
        return
    client = Client(
        dsn=dsn,
        environment=settings.environment,
        release=__version__,
        sample_rate=settings.sentry_sample_rate,
        default_integrations=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        shutdown_timeout=TIMEOUT_SECONDS,
    )
    handler = SentryHandler(client)
    logging.getLogger().addHandler(handler)
    try:
        yield handler
    finally:
        logging.getLogger().removeHandler(handler)
        await run_sync(client.close)


class SentryHandler(logging.Handler):
    """Reports log lines of the level ERROR and above, with their exception and request id."""

    def __init__(self, client: Client) -> None:
        super().__init__(logging.ERROR)
        self._client = client

    def emit(self, record: logging.LogRecord) -> None:
        line = record.msg if isinstance(record.msg, dict) else {"event": record.msg}
        info = _error_info(line.get("exc_info") or record.exc_info)
        event: Event = {}
        hint: dict[str, Any] = {}
        if info is not None:
            event, hint = event_from_exception(info, client_options=self._client.options)
            _remove_texts(event)
        event["level"] = "fatal" if record.levelno >= logging.CRITICAL else "error"
        event["logger"] = record.name
        event["logentry"] = {"message": _message(record)}
        event["tags"] = {"request_id": line.get("request_id", "none")}
        self._client.capture_event(event, hint)


def _message(record: logging.LogRecord) -> str:
    """The event of a line of `app`, or the template of a library's message.

    procrastinate puts the arguments of a task into its messages, and asyncio exceptions.
    """
    if isinstance(record.msg, dict):
        return str(record.msg["event"])
    return str(record.msg) if record.args or _is_own(record.name) else IN_THE_LOG


def _remove_texts(event: Event) -> None:
    """Keep the texts of exceptions of `app` only: `int("x")` is an error with the value too."""
    for error in event["exception"]["values"]:
        if not _is_own(error["module"]):
            error["value"] = IN_THE_LOG


def _is_own(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] == "app"


def _error_info(given: object) -> ErrorInfo | None:
    """The exception of a log line, in any form that logging and structlog accept."""
    match given:
        case BaseException():
            return type(given), given, given.__traceback__
        case (type(), BaseException() as error, _):
            return _error_info(error)
        case True:
            return _error_info(sys.exc_info())
    return None
