import logging
from collections.abc import Iterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import HttpUrl

from app.main import create_app
from app.settings import Settings
from tests.receiver import Receiver, receive
from tests.serving import serve


def spans_of(receiver: Receiver) -> Iterator[Span]:
    for body in receiver.bodies:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                yield from scope.spans


async def test_spans_reach_the_receiver_before_the_process_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with receive() as receiver:
        endpoint = HttpUrl(f"http://{receiver.address}/v1/traces")
        settings = Settings(telemetry_enabled=True, tracing_endpoint=endpoint, tracing_ratio=1)
        with caplog.at_level(logging.INFO):
            async with serve(create_app(settings)) as client:
                await client.get("/health")

    spans = {span.name: span for span in spans_of(receiver)}
    assert "GET /health" in spans
    # The access log names the trace.
    assert spans["GET /health"].trace_id.hex() in caplog.text
    assert spans["GET /health"].span_id.hex() in caplog.text


async def test_a_receiver_that_is_down_delays_no_response() -> None:
    settings = Settings(
        telemetry_enabled=True, tracing_endpoint=HttpUrl("http://127.0.0.1:1"), tracing_ratio=1
    )
    async with serve(create_app(settings)) as client:
        response = await client.get("/health")

    assert response.status_code == 200


def test_an_endpoint_needs_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_ENDPOINT", "http://127.0.0.1:1")

    with pytest.raises(SystemExit, match="TELEMETRY_ENABLED: must be true"):
        Settings.load()
