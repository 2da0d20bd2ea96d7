import logging

import pytest
from pydantic import HttpUrl

from app.main import create_app
from app.settings import Settings
from tests.receiver import receive
from tests.serving import serve
from tests.tracing.spans import spans_of, tracing_to

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


async def test_spans_reach_the_receiver_before_the_process_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with receive() as receiver, caplog.at_level(logging.INFO):
        async with serve(create_app(tracing_to(receiver))) as client:
            await client.get("/health")

    span = spans_of(receiver)["GET /health"]
    # The access log names the trace.
    assert span.trace_id.hex() in caplog.text
    assert span.span_id.hex() in caplog.text


@pytest.mark.parametrize("flags", ["00", "01"])
async def test_the_caller_decides_what_is_traced(flags: str) -> None:
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-{flags}"}
    with receive() as receiver:
        async with serve(create_app(tracing_to(receiver))) as client:
            await client.get("/health", headers=headers)

    found = spans_of(receiver)
    assert bool(found) is (flags == "01")
    if found:
        assert found["GET /health"].trace_id.hex() == TRACE
        assert found["GET /health"].parent_span_id.hex() == CALLER


async def test_a_span_has_no_values_of_parameters() -> None:
    with receive() as receiver:
        async with serve(create_app(tracing_to(receiver))) as client:
            await client.get("/health?token=a-secret")

    attributes = {each.key: each.value for each in spans_of(receiver)["GET /health"].attributes}
    assert attributes["url.query"].string_value == "REDACTED"
    assert "a-secret" not in str(attributes)


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
