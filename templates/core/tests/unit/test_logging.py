"""Log lines: one an event, without secrets, with the id of the request."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from app.core.logging import configure_logging, get_logger
from app.main import create_app
from app.settings import Settings
from tests.serving import serve

PRODUCTION = Settings(
    environment="production",
    secret_key=SecretStr("0123456789-abcdefghijklmnopqrstuvwxyz"),
    allowed_hosts=("test",),
)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]


both_formats = pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])


@both_formats
def test_secrets_are_not_shown(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", as_json=as_json)
    get_logger("test").info(
        "event", password="hunter2", headers={"Authorization": "Bearer hunter2"}, api_key="hunter2"
    )

    assert "hunter2" not in capsys.readouterr().out


def access_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [line for line in lines(capsys) if line["logger"] == "access"]


async def test_one_access_line_a_request(capsys: pytest.CaptureFixture[str]) -> None:
    async with serve(create_app(PRODUCTION)) as client:
        await client.get("/health?token=hunter2", headers={"X-Request-ID": "abc"})
        await client.get("https://test/a%0Ab%22")

        first, second = access_lines(capsys)  # each is written at once
    assert (
        first.items()
        >= {
            "event": "request",
            "level": "info",
            "request_id": "abc",
            "method": "GET",
            "path": "/health",
            "status": 200,
            "client": "127.0.0.1",
        }.items()
    )
    assert first["duration_ms"] > 0
    assert (second["path"], second["status"]) == ('/a\nb"', 404)
