"""Sends the spans of FastAPI's own telemetry to an OTLP receiver."""

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
from app.lifespan import State
from app.settings import Settings

TIMEOUT_SECONDS = 2


@asynccontextmanager
async def export_traces(state: State) -> AsyncGenerator[None]:
    """Export spans beside the requests. At the end, those that wait are sent."""
    settings = state["settings"]
    if settings.tracing_endpoint is None:
        yield
        return
    exporter = OTLPSpanExporter(endpoint=str(settings.tracing_endpoint), timeout=TIMEOUT_SECONDS)
    processor = BatchSpanProcessor(exporter)
    _provider(settings).add_span_processor(processor)
    try:
        yield
    finally:
        await run_sync(processor.shutdown)


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
