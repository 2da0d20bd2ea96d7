"""The ids of the trace in the log lines of a request."""

from fastapi import FastAPI
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import context


def add_trace_ids(app: FastAPI) -> None:
    """Add `trace_id` and `span_id` to the log lines of each request."""
    app.add_middleware(TraceIds)


class TraceIds:
    """Stands inside the span of the request, and outside of the access log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        span = get_current_span().get_span_context()
        if span.is_valid:
            ids = {
                "trace_id": format_trace_id(span.trace_id),
                "span_id": format_span_id(span.span_id),
            }
            context.log_fields.set(ids)
        await self.app(scope, receive, send)
