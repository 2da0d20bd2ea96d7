"""One stream of log lines: structlog's, the standard library's and the server's, in one format.

JSON in production, columns for people elsewhere; one line an event, whatever is in its data.
"""

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from app.core import context

SECRET_NAME = re.compile(r"password|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
UNPRINTABLE = {
    code: ascii(chr(code))[1:-1]
    for code in (*range(32), *range(127, 160), 0x2028, 0x2029, *range(0xD800, 0xE000))
}

get_logger = structlog.stdlib.get_logger


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send every logger of the process, the server's included, through one handler."""
    pre_chain: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
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


def _adopt_server_loggers() -> None:
    """Let uvicorn's lines through our handler, but for its access lines: we have our own."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"


def _json_renderers() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _console_renderers() -> list[Processor]:
    # The default tracebacks show local variables, and with them secrets.
    plain = structlog.dev.plain_traceback
    return [_escape_unprintable, structlog.dev.ConsoleRenderer(exception_formatter=plain)]


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if (request_id := context.request_id.get()) is not None:
        event["request_id"] = request_id
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
    """Keep whoever writes into our data from writing on the developer's terminal."""
    return {
        key: value.translate(UNPRINTABLE) if isinstance(value, str) else value
        for key, value in event.items()
    }
