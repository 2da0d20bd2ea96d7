"""Logging: structlog, the standard library and uvicorn write lines in one format.

JSON in production, columns elsewhere. An event is one line, whatever its data.
"""

import logging
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import TypeAdapter
from structlog.typing import EventDict, Processor, WrappedLogger

from app.core import context

NO_ANSWER = "ASGI callable returned without completing handshake."
"""Uvicorn logs this error after every WebSocket that was refused with a response."""
SECRET_NAME = re.compile(r"password|secret|token|authorization|cookie|api_?key", re.IGNORECASE)

get_logger = structlog.stdlib.get_logger
_to_json = TypeAdapter(dict[str, Any]).dump_json


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send the lines of all loggers, uvicorn's included, through one handler."""
    pre_chain: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_fields,
        _redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *pre_chain,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.set_name(__name__)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=pre_chain,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_json_renderers() if as_json else _console_renderers()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [old for old in root.handlers if old.get_name() != __name__] + [handler]
    root.setLevel(level)
    _adopt_server_loggers()


def get_access_log(*, as_json: bool) -> Callable[..., Any]:
    """The function that logs a request, in the format of all other lines."""
    log: Callable[..., Any] = _write_access_line if as_json else get_logger("access").info
    return log


def _write_access_line(event: str, **fields: object) -> None:
    """Write straight to standard output, which costs less than half of what structlog takes."""
    if not logging.getLogger("access").isEnabledFor(logging.INFO):
        return
    line: dict[str, Any] = {
        **fields,
        "level": "info",
        "logger": "access",
        "event": event,
        "timestamp": datetime.now(UTC),
        "request_id": context.request_id.get(),
        **context.log_fields.get(),
    }
    sys.stdout.buffer.write(_to_json(line, ensure_ascii=True) + b"\n")
    sys.stdout.buffer.flush()


def safe_path(path: str) -> str:
    """The path of a request for log lines: without the query, even if its `?` was escaped."""
    return path.partition("?")[0]


def _adopt_server_loggers() -> None:
    """Send uvicorn's lines through our handler, but for those of requests and WebSockets.

    The access log has these. Uvicorn's lines of WebSockets have the query, and so the tickets.
    """
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
    logging.getLogger("uvicorn.error").addFilter(_is_wanted)


def _is_wanted(record: logging.LogRecord) -> bool:
    """At DEBUG, the server logs what WebSockets send and receive, with the headers."""
    message = str(record.msg)
    is_handshake = '"WebSocket %s"' in message or message == NO_ANSWER
    return record.levelno > logging.DEBUG and not is_handshake


def _json_renderers() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _console_renderers() -> list[Processor]:
    # The default tracebacks show local variables, and with them secrets.
    plain = structlog.dev.plain_traceback
    columns = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain)
    return [_escape_unprintable, columns]


def _add_request_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if (request_id := context.request_id.get()) is not None:
        event["request_id"] = request_id
    event.update(context.log_fields.get())
    return event


def _redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(name: object, value: object) -> object:
    if isinstance(name, str) and SECRET_NAME.search(name):
        return "[redacted]"
    if isinstance(value, dict):
        return {inner: _redacted(inner, content) for inner, content in value.items()}
    return value


def _escape_unprintable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Escape control characters, which clients could send to change the terminal."""
    return {
        key: _printable(value) if isinstance(value, str) else value for key, value in event.items()
    }


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
