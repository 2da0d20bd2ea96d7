"""Settings that trace, and the spans that a receiver got."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import HttpUrl

from app.settings import Settings
from tests.receiver import Receiver


def tracing_to(receiver: Receiver) -> Settings:
    """Settings that trace every request whose caller does not decide."""
    endpoint = HttpUrl(f"http://{receiver.address}/v1/traces")
    return Settings(telemetry_enabled=True, tracing_endpoint=endpoint, tracing_ratio=1)


def spans_of(receiver: Receiver) -> dict[str, Span]:
    """The spans by their names."""
    return {
        span.name: span
        for body in receiver.bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    }
