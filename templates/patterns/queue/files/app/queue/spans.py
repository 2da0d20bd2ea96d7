"""Spans of tasks, in the traces of the requests that enqueued them; none without telemetry."""

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode, get_tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.core import context

HEADER = "traceparent"

_tracer = get_tracer(__name__)
_propagator = TraceContextTextMapPropagator()


def current_traceparent() -> str | None:
    """The current span, as other processes continue its trace."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(HEADER)


@contextmanager
def traced(name: str, traceparent: str | None) -> Generator[None]:
    """Trace a run of a task. Its log lines have the ids of the trace, as those of a request do.

    Args:
        name: the name of the task.
        traceparent: the span that enqueued it; without one, the run has a trace of its own.
    """
    carrier = {} if traceparent is None else {HEADER: traceparent}
    parent = _propagator.extract(carrier, Context())
    started = _tracer.start_as_current_span(
        name,
        parent,
        SpanKind.CONSUMER,
        record_exception=False,  # the text of an error may have values of rows
        set_status_on_exception=False,
    )
    with started as span:
        ids = span.get_span_context()
        fields = {"trace_id": f"{ids.trace_id:032x}", "span_id": f"{ids.span_id:016x}"}
        token = context.log_fields.set(fields if ids.is_valid else {})
        try:
            yield
        except Exception as error:
            span.set_attribute("error.type", type(error).__qualname__)
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            context.log_fields.reset(token)
