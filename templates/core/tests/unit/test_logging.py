"""One line an event, nothing secret in it, the request's name on it."""

import json
import logging
from typing import Any

import pytest
from pydantic import SecretStr

from app.core import context
from app.core.access_lines import PIPE_BYTES, AccessLines
from app.core.logging import configure_logging, get_logger
from app.main import create_app
from app.settings import Settings
from tests.serving import serve

NASTY = 'a\nb\r\x1b[31m"\u2028'
PRODUCTION = Settings(
    environment="production",
    secret_key=SecretStr("0123456789-abcdefghijklmnopqrstuvwxyz"),
    allowed_hosts=("test",),
)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]


both_formats = pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])


@both_formats
def test_one_line_whatever_is_in_the_data(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("INFO", as_json=as_json)
    get_logger("test").info("event", text=NASTY)
    logging.getLogger("library").warning("from a library: %s", NASTY)

    output = capsys.readouterr().out
    assert output.count("\n") == 2
    assert "\r" not in output
    assert '\x1b[31m"' not in output


@both_formats
def test_what_no_encoding_can_carry_is_escaped(as_json: bool) -> None:
    configure_logging("INFO", as_json=as_json)
    (handler,) = (
        one for one in logging.getLogger().handlers if one.get_name() == "app.core.logging"
    )

    line = handler.format(logging.makeLogRecord({"msg": "half a pair: \ud83d"}))

    assert "\\ud83d" in line
    assert line.encode()


@both_formats
def test_secrets_are_not_shown(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", as_json=as_json)
    get_logger("test").info(
        "event", password="hunter2", headers={"Authorization": "Bearer hunter2"}, api_key="hunter2"
    )

    assert "hunter2" not in capsys.readouterr().out


@both_formats
def test_tracebacks_show_no_values(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", as_json=as_json)

    def fail(secret_of_the_caller: str) -> None:
        raise RuntimeError(f"of {len(secret_of_the_caller)} characters")

    secret = "".join(["hunter", "2"])
    try:
        fail(secret)
    except RuntimeError:
        get_logger("test").exception("failed")

    output = capsys.readouterr().out
    assert "of 7 characters" in output
    assert "hunter2" not in output


def test_the_request_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", as_json=True)
    token = context.request_id.set("abc")
    try:
        logging.getLogger("library").warning("from a library")
    finally:
        context.request_id.reset(token)

    assert lines(capsys)[0]["request_id"] == "abc"


def test_the_server_uses_the_same_format(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("uvicorn.error").addHandler(logging.StreamHandler())
    configure_logging("INFO", as_json=True)
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.access").info("GET / HTTP/1.1")

    assert [line["event"] for line in lines(capsys)] == ["Started server process"]


def test_the_level_counts(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("ERROR", as_json=True)
    get_logger("test").warning("event")

    assert lines(capsys) == []


async def test_one_access_line_a_request(capsys: pytest.CaptureFixture[str]) -> None:
    async with serve(create_app(PRODUCTION)) as client:
        await client.get("/health?token=hunter2", headers={"X-Request-ID": "abc"})
        await client.get("https://test/a%0Ab%22")

    first, second = (line for line in lines(capsys) if line["logger"] == "access")
    assert (
        first.items()
        >= {
            "event": "request",
            "level": "info",
            "request_id": "abc",
            "method": "GET",
            "path": "/health",
            "status": 200,
        }.items()
    )
    assert first["duration_ms"] > 0
    assert (second["path"], second["status"]) == ('/a\nb"', 404)


async def test_no_proxy_writes_into_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    settings = PRODUCTION.model_copy(update={"trusted_proxies": ("127.0.0.1",)})
    async with serve(create_app(settings)) as client:
        await client.get("/health", headers={"X-Forwarded-For": '7"}{"'})

    (line,) = (line for line in lines(capsys) if line["logger"] == "access")
    assert (line["client"], line["status"]) == ('7"}{"', 200)


async def test_access_lines_while_developing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serve(create_app(settings)) as client:
        await client.get("/health?token=hunter2")

    line = next(line for line in capsys.readouterr().out.split("\n") if "access" in line)
    assert "/health" in line
    assert "hunter2" not in line


async def test_no_access_lines(capsys: pytest.CaptureFixture[str]) -> None:
    settings = PRODUCTION.model_copy(update={"access_log": False})
    async with serve(create_app(settings)) as client:
        await client.get("/health")

    assert not [line for line in lines(capsys) if line["logger"] == "access"]


async def test_many_lines_are_written_in_parts_that_stay_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts: list[str] = []
    monkeypatch.setattr("app.core.access_lines._write", parts.append)
    access_lines = AccessLines()
    for _ in range(100):
        access_lines.add({"method": "GET", "path": "/x", "client": None}, 200, 0)

    access_lines.flush()

    assert len(parts) > 1
    assert all(len(part) <= PIPE_BYTES and part.endswith("\n") for part in parts)
    assert "".join(parts).count("\n") == 100
