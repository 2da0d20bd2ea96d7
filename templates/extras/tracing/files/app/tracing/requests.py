"""The traces of requests, besides what FastAPI records."""

from fastapi import FastAPI
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import context


def add_request_traces(app: FastAPI) -> None:
    """Add `trace_id` and `span_id` to the log lines of each request; keep its query private."""
    app.add_middleware(TraceRequests)


class TraceRequests:
    """Stands inside the span of the request, and outside of the access log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        span = get_current_span()
        ids = span.get_span_context()
        if ids.is_valid:
            context.log_fields.set(
                {
                    "trace_id": format_trace_id(ids.trace_id),
                    "span_id": format_span_id(ids.span_id),
                }
            )
            if scope.get("query_string"):  # it may have tokens and personal data
                span.set_attribute("url.query", "REDACTED")
        await self.app(scope, receive, send)
