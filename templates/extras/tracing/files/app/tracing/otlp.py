"""Sends the spans of a process to an OTLP receiver: those of FastAPI's telemetry, and others."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from anyio.to_thread import run_sync
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

from app import __version__
from app.settings import Settings

TIMEOUT_SECONDS = 2


class SpanExport(BatchSpanProcessor):
    """Sends the spans in batches, in a thread."""


@asynccontextmanager
async def export_spans(settings: Settings) -> AsyncGenerator[SpanExport | None]:
    """Export the spans of this process. At the end, those that wait are sent."""
    if settings.tracing_endpoint is None:
        yield None
        return
    endpoint = str(settings.tracing_endpoint)
    export = SpanExport(OTLPSpanExporter(endpoint=endpoint, timeout=TIMEOUT_SECONDS))
    _provider(settings).add_span_processor(export)
    try:
        yield export
    finally:
        await run_sync(export.shutdown)


def _provider(settings: Settings) -> TracerProvider:
    """The tracer provider of the process, which can be set once."""
    known = trace.get_tracer_provider()
    if isinstance(known, TracerProvider):
        return known
    provider = TracerProvider(
        sampler=ParentBasedTraceIdRatio(settings.tracing_ratio),
        resource=Resource.create({SERVICE_NAME: settings.app_title, SERVICE_VERSION: __version__}),
        shutdown_on_exit=False,
    )
    trace.set_tracer_provider(provider)
    return provider
