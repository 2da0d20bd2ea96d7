import pytest
from pydantic import HttpUrl

from app.main import create_app
from app.settings import Settings
from tests.serving import serve
from tests.tracing.receiver import receive


async def test_spans_reach_the_receiver_before_the_process_ends() -> None:
    with receive() as receiver:
        settings = Settings(
            telemetry_enabled=True, tracing_endpoint=HttpUrl(receiver.url), tracing_ratio=1
        )
        async with serve(create_app(settings)) as client:
            await client.get("/health")

        assert "GET /health" in receiver.spans


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
